import {
  type Broker,
  BrokerError,
  connectKafka,
  type KafkaSettings,
  KafkaSettingsError,
  readKafkaSettings,
} from '@weir/capture-agent';
import { UsageError } from './errors.js';
import type { Io } from './io.js';
import type { Logger } from './log/logger.js';
import type { OptionTable, OptionValues } from './options/declaration.js';

/** The option of every command that talks to Kafka. What else there is to set comes from the environment. */
export const KAFKA_OPTIONS = {
  kafka: { type: 'text', value: 'BROKERS', description: 'Kafka brokers, HOST:PORT, several with commas; default KAFKA_BROKERS. Encryption, login and more: KAFKA_* (docs/kafka.md)' },
} as const satisfies OptionTable; // biome-ignore format: one option a line

/** Makes a broker from its settings; stands in for Kafka in tests. */
export type Connect = typeof connectKafka;

/** The command line's way to a broker. */
export { connectKafka };

/** Whether options or environment name a broker. */
export function namesBroker(options: OptionValues<typeof KAFKA_OPTIONS>, { env }: Pick<Io, 'env'>): boolean {
  return Boolean(options.kafka ?? env.KAFKA_BROKERS?.trim());
}

/** The settings of options and environment. Throws a UsageError that names the setting. */
export function kafkaSettings(options: OptionValues<typeof KAFKA_OPTIONS>, { env }: Pick<Io, 'env'>): KafkaSettings {
  try {
    return readKafkaSettings(options.kafka === undefined ? env : { ...env, KAFKA_BROKERS: options.kafka });
  } catch (error) {
    if (error instanceof KafkaSettingsError) throw new UsageError(error.message);
    throw error;
  }
}

/** The broker of the settings; what its client tells goes to the log. */
export function openBroker(connect: Connect, settings: KafkaSettings, log: Logger): Promise<Broker> {
  const { sasl, tls, brokers } = settings;
  if (sasl?.mechanism === 'plain' && tls === undefined)
    log.warn({ brokers }, 'the password is sent unencrypted; set KAFKA_TLS=true');
  return connect(settings, (level, message) => log[level]({ part: 'kafka' }, message));
}

/** Runs `work`; a broker that cannot be used is told as something the user can cure. */
export async function telling<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BrokerError) throw new UsageError(error.message);
    throw error;
  }
}
