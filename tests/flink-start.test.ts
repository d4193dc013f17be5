import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

const BIN = fileURLToPath(new URL('../flink/bin/', import.meta.url));
const COMPLETE = Buffer.from([0x49, 0x60, 0x67, 0x2d, 0, 0, 0, 4]);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-checkpoints-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A retained checkpoint that was completed at second `atS`. Returns its path. */
function checkpoint(job: string, n: number, atS: number, metadata: Uint8Array = COMPLETE): string {
  const path = join(folder, job, `chk-${n}`);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, '_metadata'), metadata);
  utimesSync(join(path, '_metadata'), atS, atS);
  return path;
}

function resumePoint(): string {
  return execFileSync(join(BIN, 'resume-point'), [folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}

// The scripts are for the image, which is a Linux.
describe.skipIf(process.platform !== 'linux')('a job that starts', () => {
  it('begins anew when there is no checkpoint', () => {
    expect(resumePoint()).toBe('');
  });

  it('goes on from the newest checkpoint of any job', () => {
    checkpoint('a', 9, 100);
    const newest = checkpoint('b', 2, 200);
    checkpoint('b', 1, 150);
    expect(resumePoint()).toBe(newest);
  });

  it('passes over checkpoints that were not written to the end', () => {
    const complete = checkpoint('a', 1, 100);
    checkpoint('a', 2, 200, new Uint8Array(0));
    checkpoint('a', 3, 300, Uint8Array.from([0x49, 0x60]));
    mkdirSync(join(folder, 'a', 'chk-4'));
    expect(resumePoint()).toBe(complete);
  });

  it('takes an older checkpoint when three starts from the newest came to nothing, and not before', () => {
    const older = checkpoint('a', 1, 100);
    const newest = checkpoint('a', 2, 200);
    expect([resumePoint(), resumePoint(), resumePoint()]).toEqual([newest, newest, newest]);
    expect([resumePoint(), resumePoint(), resumePoint()]).toEqual([older, older, older]);
    expect(resumePoint()).toBe(older);
  });

  it('counts its starts anew when there is a newer checkpoint', () => {
    checkpoint('a', 1, 100);
    for (let start = 0; start < 4; start++) resumePoint();
    const newer = checkpoint('b', 2, 200);
    expect(resumePoint()).toBe(newer);
  });

  it('removes what jobs left that hold none of the newest three', () => {
    checkpoint('old', 1, 100);
    for (const n of [1, 2, 3]) checkpoint('new', n, 200 + n);
    resumePoint();
    expect([existsSync(join(folder, 'old')), existsSync(join(folder, 'new', 'chk-1'))]).toEqual([false, true]);
  });
});

describe.skipIf(process.platform !== 'linux')('the module specification of a container', () => {
  function rendered(env: Record<string, string>): { kind: string; spec: Record<string, unknown> }[] {
    const module = fileURLToPath(new URL('../flink/module.yaml', import.meta.url));
    const text = execFileSync(join(BIN, 'render-module'), [module], {
      encoding: 'utf8',
      stdio: 'pipe',
      env: { PATH: process.env.PATH, WEIR_RUN_DIR: folder, ...env },
    });
    return parseAllDocuments(text).map(
      (document) => document.toJS() as { kind: string; spec: Record<string, unknown> },
    );
  }

  /** The settings of each connection to Kafka. */
  function propertiesOf(env: Record<string, string>): Record<string, string>[] {
    return rendered(env)
      .filter(({ kind }) => kind.includes('kafka'))
      .map(({ spec }) => Object.assign({}, ...(spec.properties as Record<string, string>[])));
  }

  it('is the one in the project when nothing is set', () => {
    for (const properties of propertiesOf({})) expect(properties).not.toHaveProperty('security.protocol');
    expect(rendered({})[0]!.spec.urlPathTemplate).toBe('http://functions:8000/statefun');
  });

  it('names the brokers and the functions of the environment', () => {
    const [endpoint, ...kafkas] = rendered({
      KAFKA_BROKERS: 'a:9092,b:9092',
      WEIR_FUNCTIONS_URL: 'http://f:80/statefun',
    });
    expect(endpoint!.spec.urlPathTemplate).toBe('http://f:80/statefun');
    expect(kafkas.map(({ spec }) => spec.address)).toEqual(['a:9092,b:9092', 'a:9092,b:9092', 'a:9092,b:9092']);
  });

  it('compresses records where that is asked for, as readers can undo it', () => {
    const compressionOf = (env: Record<string, string>) => propertiesOf(env).map((one) => one['compression.type']);
    expect(compressionOf({})).toEqual([undefined, undefined, 'none']);
    expect(compressionOf({ WEIR_RECORD_COMPRESSION: 'gzip' })).toEqual([undefined, undefined, 'gzip']);
    expect(() => rendered({ WEIR_RECORD_COMPRESSION: 'zstd' })).toThrow(/cannot be "zstd". Choose from: none, gzip/);
  });

  it('logs in with any password, encrypted', () => {
    const secrets = { KAFKA_SASL_USERNAME: 'weir', KAFKA_SASL_PASSWORD: 'a"b\\c;d: #e', KAFKA_TLS: 'true' };
    for (const properties of propertiesOf({ KAFKA_SASL_MECHANISM: 'scram-sha-512', ...secrets })) {
      expect(properties['security.protocol']).toBe('SASL_SSL');
      expect(properties['sasl.mechanism']).toBe('SCRAM-SHA-512');
      expect(properties['sasl.jaas.config']).toBe(
        'org.apache.kafka.common.security.scram.ScramLoginModule required username="weir" password="a\\"b\\\\c;d: #e";',
      );
    }
  });

  it('logs in with the password in a file, not encrypted', () => {
    const file = join(folder, 'password');
    writeFileSync(file, 'from a file\n');
    const login = { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'weir', KAFKA_SASL_PASSWORD_FILE: file };
    for (const properties of propertiesOf(login)) {
      expect(properties['security.protocol']).toBe('SASL_PLAINTEXT');
      expect(properties['sasl.mechanism']).toBe('PLAIN');
      expect(properties['sasl.jaas.config']).toContain(
        'PlainLoginModule required username="weir" password="from a file";',
      );
    }
  });

  it('trusts the authorities and shows the certificate that it is given, key and certificate in one file', () => {
    const files = { KAFKA_TLS_CA_FILE: 'ca.pem', KAFKA_TLS_CERT_FILE: 'client.crt', KAFKA_TLS_KEY_FILE: 'client.key' };
    const env = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, join(folder, file)]));
    for (const file of Object.values(files)) writeFileSync(join(folder, file), `${file}\n`);
    for (const properties of propertiesOf(env))
      expect(properties).toMatchObject({
        'security.protocol': 'SSL',
        'ssl.truststore.type': 'PEM',
        'ssl.truststore.location': join(folder, 'ca.pem'),
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.location': join(folder, 'client.pem'),
      });
    const client = join(folder, 'client.pem');
    expect(readFileSync(client, 'utf8')).toBe('client.key\nclient.crt\n');
    expect(statSync(client).mode & 0o077, 'others may not read it').toBe(0);
  });

  it('keeps the settings of its own beside those of the login', () => {
    const plain = propertiesOf({});
    for (const [at, properties] of propertiesOf({ KAFKA_TLS: 'true' }).entries())
      expect(properties).toEqual({ ...plain[at], 'security.protocol': 'SSL' });
  });

  it('refuses a way to log in that it does not know', () => {
    expect(() => rendered({ KAFKA_SASL_MECHANISM: 'gssapi' })).toThrow(/KAFKA_SASL_MECHANISM cannot be "gssapi"/);
  });
});
