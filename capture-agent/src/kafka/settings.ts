import { readFileSync } from 'node:fs';
import { isLoopback, parseBrokers } from './brokers.js';

/** How passwords are proved to a broker (RFC 4616, RFC 5802, RFC 7677). */
export const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
export type SaslMechanism = (typeof SASL_MECHANISMS)[number];

/** `auto`: none for brokers on this machine, else gzip. */
export const COMPRESSIONS = ['auto', 'none', 'gzip'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

/** Who must have a message before it counts as sent: all copies in step, the leader alone, or nobody. */
export const ACKNOWLEDGEMENTS = ['all', 'leader', 'none'] as const;
export type Acknowledgement = (typeof ACKNOWLEDGEMENTS)[number];

/** How to reach and use a Kafka cluster. */
export interface KafkaSettings {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Contents of PEM files; absent without TLS. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
  readonly sasl:
    | { readonly mechanism: SaslMechanism; readonly username: string; readonly password: string }
    | undefined;
  readonly compression: Exclude<Compression, 'auto'>;
  readonly acknowledgement: Acknowledgement;
  /** The broker drops what it already has from this producer. Needs acknowledgement by all. */
  readonly idempotent: boolean;
  /** What may wait in memory for the broker. */
  readonly queueBytes: number;
  /** Most bytes of one request, before compression; a larger message goes alone. */
  readonly requestBytes: number;
  /** How long a stop waits for what is queued. */
  readonly flushTimeoutMs: number;
}

/** A setting is missing or wrong; the message says which, what was found and the remedy. */
export class KafkaSettingsError extends Error {
  override readonly name = 'KafkaSettingsError';
}

/** One environment variable. */
interface Variable {
  readonly name: string;
  readonly meaning: string;
  readonly example: string;
  /** What holds when it is not set. */
  readonly fallback?: string;
}

/** The environment variables that are read, in the order to document them. */
export const KAFKA_VARIABLES = [
  { name: 'KAFKA_BROKERS', meaning: 'Brokers to ask first, host:port, comma-separated', example: 'localhost:9092' },
  { name: 'KAFKA_CLIENT_ID', meaning: 'Name that the broker logs', example: 'weir', fallback: 'weir' },
  { name: 'KAFKA_TLS', meaning: 'Encrypt; on as well when a file below is given', example: 'true', fallback: 'false' },
  { name: 'KAFKA_TLS_CA_FILE', meaning: 'PEM file of the authorities that are trusted', example: '/etc/weir/ca.pem' },
  { name: 'KAFKA_TLS_CERT_FILE', meaning: 'PEM file of the client certificate', example: '/etc/weir/client.pem' },
  { name: 'KAFKA_TLS_KEY_FILE', meaning: 'PEM file of its key', example: '/etc/weir/client.key' },
  { name: 'KAFKA_SASL_MECHANISM', meaning: `Log in by ${SASL_MECHANISMS.join(', ')}`, example: 'scram-sha-512' },
  { name: 'KAFKA_SASL_USERNAME', meaning: 'Name to log in with', example: 'weir' },
  { name: 'KAFKA_SASL_PASSWORD', meaning: 'Password to log in with', example: 'secret' },
  { name: 'KAFKA_SASL_PASSWORD_FILE', meaning: 'File that holds the password instead', example: '/run/secrets/kafka' },
  { name: 'KAFKA_COMPRESSION', meaning: `Of what is sent: ${COMPRESSIONS.join(', ')} (gzip unless the broker is on loopback)`, example: 'gzip', fallback: 'auto' },
  { name: 'KAFKA_ACKS', meaning: `Who must have a message: ${ACKNOWLEDGEMENTS.join(', ')}`, example: 'all', fallback: 'all' },
  { name: 'KAFKA_IDEMPOTENT', meaning: 'The broker drops repeats; needs KAFKA_ACKS=all', example: 'true', fallback: 'true' },
  { name: 'KAFKA_QUEUE_MIB', meaning: 'What may wait in memory, MiB (1 to 4096)', example: '64', fallback: '64' },
  { name: 'KAFKA_REQUEST_KIB', meaning: 'Most of one request, KiB (16 to 16384); the topic must allow it', example: '900', fallback: '900' },
  { name: 'KAFKA_FLUSH_TIMEOUT_S', meaning: 'How long a stop waits for what is queued, s (0 to 600)', example: '10', fallback: '10' },
] as const satisfies readonly Variable[]; // biome-ignore format: one variable a line

type Name = (typeof KAFKA_VARIABLES)[number]['name'];

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a file as text; stands in for the file system in tests. */
export type ReadText = (path: string) => string;

/**
 * The settings in `environment`. Throws a KafkaSettingsError. An empty variable counts as not set, as Compose files pass
 * on what nobody set.
 */
export function readKafkaSettings(environment: Environment, readText: ReadText = readUtf8): KafkaSettings {
  const variables = new Variables(environment, readText);
  const acknowledgement = variables.choice('KAFKA_ACKS', ACKNOWLEDGEMENTS);
  const brokers = readBrokers(variables.text('KAFKA_BROKERS'));
  return {
    brokers,
    clientId: variables.text('KAFKA_CLIENT_ID') as string,
    tls: readTls(variables),
    sasl: readSasl(variables),
    compression: readCompression(variables, brokers),
    acknowledgement,
    idempotent: readIdempotent(variables, acknowledgement),
    queueBytes: variables.whole('KAFKA_QUEUE_MIB', 1, 4096) * 1024 * 1024,
    requestBytes: variables.whole('KAFKA_REQUEST_KIB', 16, 16_384) * 1024,
    flushTimeoutMs: variables.whole('KAFKA_FLUSH_TIMEOUT_S', 0, 600) * 1000,
  };
}

function readUtf8(path: string): string {
  return readFileSync(path, 'utf8');
}

function readBrokers(text: string | undefined): string[] {
  if (text === undefined) {
    throw new KafkaSettingsError('no broker is named. Give --kafka HOST:PORT, or set KAFKA_BROKERS.');
  }
  try {
    return parseBrokers(text);
  } catch (error) {
    throw new KafkaSettingsError((error as Error).message);
  }
}

/**
 * Packets in columns shrink to a fifth, which pays on any network and not within one machine: sending a packet then takes
 * a third more of the processor.
 */
function readCompression(variables: Variables, brokers: readonly string[]): KafkaSettings['compression'] {
  const choice = variables.choice('KAFKA_COMPRESSION', COMPRESSIONS);
  if (choice !== 'auto') return choice;
  return brokers.every(isLoopback) ? 'none' : 'gzip';
}

function readTls(variables: Variables): KafkaSettings['tls'] {
  const ca = variables.file('KAFKA_TLS_CA_FILE');
  const cert = variables.file('KAFKA_TLS_CERT_FILE');
  const key = variables.file('KAFKA_TLS_KEY_FILE');
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? ['KEY', 'CERT'] : ['CERT', 'KEY'];
    throw new KafkaSettingsError(`KAFKA_TLS_${given}_FILE is set without KAFKA_TLS_${missing}_FILE. Set both or none.`);
  }
  if (ca === undefined && cert === undefined && !variables.flag('KAFKA_TLS')) return undefined;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
}

function readSasl(variables: Variables): KafkaSettings['sasl'] {
  const username = variables.text('KAFKA_SASL_USERNAME');
  const password = variables.file('KAFKA_SASL_PASSWORD_FILE')?.trimEnd() ?? variables.text('KAFKA_SASL_PASSWORD');
  if (variables.text('KAFKA_SASL_MECHANISM') === undefined) {
    if (username === undefined && password === undefined) return undefined;
    throw new KafkaSettingsError(
      `a SASL name or password is set without KAFKA_SASL_MECHANISM. Set it to one of: ${SASL_MECHANISMS.join(', ')}.`,
    );
  }
  const mechanism = variables.choice('KAFKA_SASL_MECHANISM', SASL_MECHANISMS);
  if (username !== undefined && password !== undefined) return { mechanism, username, password };
  const missing = username === undefined ? 'KAFKA_SASL_USERNAME' : 'KAFKA_SASL_PASSWORD or KAFKA_SASL_PASSWORD_FILE';
  throw new KafkaSettingsError(`KAFKA_SASL_MECHANISM is ${mechanism}, but ${missing} is not set. Set it.`);
}

function readIdempotent(variables: Variables, acknowledgement: Acknowledgement): boolean {
  const idempotent = variables.flag('KAFKA_IDEMPOTENT');
  if (!idempotent || acknowledgement === 'all') return idempotent;
  throw new KafkaSettingsError(
    `KAFKA_ACKS is ${acknowledgement}, but idempotent sending needs all. Set KAFKA_ACKS=all or KAFKA_IDEMPOTENT=false.`,
  );
}

/** Reads variables, each with its fallback. */
class Variables {
  constructor(
    private readonly environment: Environment,
    private readonly readText: ReadText,
  ) {}

  text(name: Name): string | undefined {
    const { fallback } = KAFKA_VARIABLES.find((variable) => variable.name === name) as Variable;
    return this.environment[name]?.trim() || fallback;
  }

  choice<T extends string>(name: Name, choices: readonly T[]): T {
    const text = this.text(name)?.toLowerCase();
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    throw new KafkaSettingsError(`${name} cannot be "${text}". Choose from: ${choices.join(', ')}.`);
  }

  flag(name: Name): boolean {
    return this.choice(name, ['true', 'false']) === 'true';
  }

  whole(name: Name, least: number, most: number): number {
    const text = this.text(name) ?? '';
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new KafkaSettingsError(`${name} cannot be "${text}". Give a whole number from ${least} to ${most}.`);
  }

  /** The content of the file that a variable names. */
  file(name: Name): string | undefined {
    const path = this.text(name);
    if (path === undefined) return undefined;
    try {
      return this.readText(path);
    } catch (error) {
      throw new KafkaSettingsError(
        `${name}: cannot read "${path}" (${(error as Error).message}). Check the path and its permissions.`,
      );
    }
  }
}
