import { describe, expect, it } from 'vitest';
import { parseBrokers } from './brokers.js';
import { KAFKA_VARIABLES, readKafkaSettings } from './settings.js';

const BROKER = { KAFKA_BROKERS: 'kafka:9092' };
const read = (environment: Record<string, string>, files: Record<string, string> = {}) =>
  readKafkaSettings({ ...BROKER, ...environment }, (path) => {
    if (files[path] === undefined) throw new Error('no such file');
    return files[path];
  });

describe('readKafkaSettings', () => {
  it('needs nothing but a broker, and is careful by default', () => {
    expect(read({})).toEqual({
      brokers: ['kafka:9092'],
      clientId: 'weir',
      tls: undefined,
      sasl: undefined,
      compression: 'gzip',
      acknowledgement: 'all',
      idempotent: true,
      queueBytes: 64 * 1024 * 1024,
      requestBytes: 900 * 1024,
      flushTimeoutMs: 10_000,
    });
  });

  it('takes an empty variable for one that is not set', () => {
    const empty = Object.fromEntries(KAFKA_VARIABLES.map(({ name }) => [name, '']));
    expect(readKafkaSettings({ ...empty, ...BROKER })).toEqual(read({}));
  });

  it('compresses over a network and not within the machine, unless told', () => {
    const compressionOf = (environment: Record<string, string>) => read(environment).compression;
    expect(compressionOf({ KAFKA_BROKERS: 'localhost:9092,127.0.0.1:9093,[::1]:9094' })).toBe('none');
    expect(compressionOf({ KAFKA_BROKERS: 'localhost:9092,kafka:9092' })).toBe('gzip');
    expect(compressionOf({ KAFKA_COMPRESSION: 'none' })).toBe('none');
    expect(compressionOf({ KAFKA_BROKERS: 'localhost', KAFKA_COMPRESSION: 'GZIP' })).toBe('gzip');
  });

  it('reads the files of encryption and login', () => {
    const files = { ca: 'CA', cert: 'CERT', key: 'KEY', password: 'secret\n' };
    const settings = read(
      {
        KAFKA_TLS_CA_FILE: 'ca',
        KAFKA_TLS_CERT_FILE: 'cert',
        KAFKA_TLS_KEY_FILE: 'key',
        KAFKA_SASL_MECHANISM: 'scram-sha-512',
        KAFKA_SASL_USERNAME: 'weir',
        KAFKA_SASL_PASSWORD_FILE: 'password',
      },
      files,
    );
    expect(settings.tls).toEqual({ ca: 'CA', cert: 'CERT', key: 'KEY' });
    expect(settings.sasl).toEqual({ mechanism: 'scram-sha-512', username: 'weir', password: 'secret' });
    expect(read({ KAFKA_TLS: 'true' }).tls).toEqual({});
  });

  it.each([
    [{ KAFKA_BROKERS: '' }, 'no broker is named. Give --kafka HOST:PORT'],
    [{ KAFKA_BROKERS: 'kafka:99999' }, '"kafka:99999" is no broker address'],
    [{ KAFKA_BROKERS: 'http://kafka:9092' }, '"http://kafka:9092" is no broker address'],
    [{ KAFKA_TLS: 'yes' }, 'KAFKA_TLS cannot be "yes". Choose from: true, false.'],
    [{ KAFKA_TLS_CA_FILE: 'gone' }, 'KAFKA_TLS_CA_FILE: cannot read "gone" (no such file)'],
    [{ KAFKA_TLS_CERT_FILE: 'a' }, 'KAFKA_TLS_CERT_FILE is set without KAFKA_TLS_KEY_FILE'],
    [{ KAFKA_TLS_KEY_FILE: 'a' }, 'KAFKA_TLS_KEY_FILE is set without KAFKA_TLS_CERT_FILE'],
    [{ KAFKA_SASL_USERNAME: 'weir' }, 'without KAFKA_SASL_MECHANISM'],
    [{ KAFKA_SASL_MECHANISM: 'gssapi' }, 'KAFKA_SASL_MECHANISM cannot be "gssapi"'],
    [{ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'weir' }, 'KAFKA_SASL_PASSWORD_FILE is not set'],
    [{ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_PASSWORD: 'x' }, 'KAFKA_SASL_USERNAME is not set'],
    [{ KAFKA_ACKS: 'leader' }, 'Set KAFKA_ACKS=all or KAFKA_IDEMPOTENT=false'],
    [{ KAFKA_COMPRESSION: 'lz4' }, 'Choose from: auto, none, gzip.'],
    [{ KAFKA_QUEUE_MIB: '0' }, 'KAFKA_QUEUE_MIB cannot be "0". Give a whole number from 1 to 4096.'],
    [{ KAFKA_FLUSH_TIMEOUT_S: '1.5' }, 'KAFKA_FLUSH_TIMEOUT_S cannot be "1.5"'],
  ])('refuses %j with the remedy', (environment, message) => {
    expect(() => read(environment as Record<string, string>, { a: 'PEM' })).toThrow(message);
  });

  it('never puts a password into a message', () => {
    const environment = { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_PASSWORD: 'hunter2' };
    expect(() => read(environment)).toThrow(/^(?!.*hunter2)/);
  });
});

describe('parseBrokers', () => {
  it('reads names, addresses and the default port', () => {
    expect(parseBrokers('kafka, 10.0.0.1:19092,[2001:db8::1]:9093')).toEqual([
      'kafka:9092',
      '10.0.0.1:19092',
      '[2001:db8::1]:9093',
    ]);
  });
});
