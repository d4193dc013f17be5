import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FEATURE_LISTS } from '@weir/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryBroker, runCommand } from '../agent/memory-broker.test-support.js';
import { createMemoryIo } from '../memory-io.js';
import { run } from '../run.js';
import { modelsCommand } from './models-command.js';

const at = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const scan = at('testdata/port-scan/capture.pcap.gz');
const truth = at('testdata/port-scan/truth.csv');

/** Runs a command; gives its exit code and what it wrote. */
async function weir(...argv: string[]) {
  const io = createMemoryIo({});
  const code = await run(argv, io);
  return { code, ...io.written };
}

describe('weir features', () => {
  it('writes a row a flow with keys, label and the features of the list', async () => {
    const { code, stdout, stderr } = await weir('features', scan, '--truth', truth);
    const [header, ...rows] = stdout.trimEnd().split('\n');
    expect([code, stderr]).toEqual([0, `${rows.length.toLocaleString('en-US')} rows of flow from 1 file\n`]);
    const names = FEATURE_LISTS.flow.map(({ name }) => name);
    expect(header).toBe(['time_us', 'source', 'destination', 'destination_port', 'label', ...names].join(','));
    const labels = rows.map((row) => row.split(',')[4]);
    expect(labels.filter((label) => label === 'port_scan_syn').length).toBeGreaterThan(1000);
    expect(labels.filter((label) => label === 'benign').length).toBeGreaterThan(100);
    for (const row of rows) expect(row.split(',').length).toBe(5 + names.length);
  });

  it('writes windows of hosts, with nothing where nothing is known', async () => {
    const { stdout } = await weir('features', scan, '--list', 'host-window');
    const rows = stdout.trimEnd().split('\n').slice(1);
    expect(rows.length).toBeGreaterThan(10);
    expect(rows[0]).toMatch(/^\d+,10\.20\.\d+\.\d+,,0,,.*,,,/);
  });

  it('asks for input', async () => {
    expect((await weir('features')).code).toBe(2);
  });
});

describe('weir models', () => {
  let registry: string;
  beforeEach(() => {
    registry = mkdtempSync(join(tmpdir(), 'weir-registry-'));
    for (const id of ['flow-cluster', 'flow-isolation-forest'])
      cpSync(at(`models/registry/${id}`), join(registry, id), { recursive: true });
  });
  const models = (...argv: string[]) => weir('models', ...argv, '--registry', registry);
  const inUse = () => JSON.parse(readFileSync(join(registry, 'in-use.json'), 'utf8')) as { use: string[] };

  it('tells a cluster what to use, and what was in use before', async () => {
    const broker = new MemoryBroker();
    const tell = (...argv: string[]) =>
      runCommand(modelsCommand(broker.connect), [...argv, '--registry', registry, '--kafka', 'kafka:9092']);
    await tell('use', 'cluster');
    const { written } = await tell('use', 'isolation-forest');
    expect(written.stdout).toMatch(/in the cluster .*: flow-isolation-forest/);
    await tell('rollback');
    expect(broker.on('controls').map(({ value }) => JSON.parse(String(value)).name)).toEqual([
      'flow-cluster',
      'flow-isolation-forest',
      'flow-cluster',
    ]);
    await tell('shadow', 'isolation-forest');
    expect(
      broker
        .on('controls')
        .map(({ value }) => JSON.parse(String(value)))
        .at(-1),
    ).toEqual({
      kind: 'model-shadow',
      name: 'flow-isolation-forest',
    });
    broker.isAway = true;
    await expect(tell('use', 'isolation-forest')).rejects.toThrow(/cannot reach Kafka/);
    expect(inUse().use).toEqual(['flow-cluster']);
  });

  it('lists what there is and what is in use', async () => {
    await models('use', 'isolation-forest');
    const { stdout } = await models('list');
    expect(stdout).toMatch(/flow-cluster +cluster +flow +[\d,]+\n/);
    expect(stdout).toMatch(/flow-isolation-forest +isolation-forest +flow +[\d,]+ +in use\n/);
  });

  it('says why one cannot be used, and the ones before go on', async () => {
    await models('use', 'cluster');
    const path = join(registry, 'flow-isolation-forest', 'manifest.json');
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('"durationS"', '"durationMs"'));
    const { code, stderr } = await models('use', 'isolation-forest');
    expect(code).toBe(2);
    expect(stderr).toContain('durationMs [s] where durationS [s] is computed');
    expect(inUse().use).toEqual(['flow-cluster']);
    expect((await models('list')).stdout).toContain('is refused');
  });

  it('keeps the choice where none is named', async () => {
    await models('use', 'cluster');
    const { code, stderr } = await models('use');
    expect([code, stderr]).toEqual([2, expect.stringContaining('weir models use none')]);
    expect(inUse().use).toEqual(['flow-cluster']);
  });

  it('goes back, choice by choice', async () => {
    await models('use', 'cluster');
    await models('use', 'isolation-forest');
    await models('use', 'none');
    expect(inUse().use).toEqual([]);
    expect((await models('rollback')).stdout).toContain('flow-isolation-forest');
    await models('rollback');
    expect(inUse().use).toEqual(['flow-cluster']);
    await models('rollback');
    expect((await models('rollback')).stderr).toContain('nothing to roll back to');
  });

  it('shows where two models disagree', async () => {
    const { code, stdout } = await models('compare', 'cluster', 'isolation-forest', scan, '--threshold', '0.95');
    expect(code).toBe(0);
    expect(stdout).toMatch(/Both speak of \d+ anomalies/);
    expect(stdout).toMatch(/Only flow-cluster: \d+/);
  });

  it('lets models score in the shadow, and tells how they differ', async () => {
    await models('shadow', 'cluster');
    const { stderr } = await weir('analyze', scan, '--model', 'isolation-forest', '--registry', registry);
    expect(stderr).toMatch(/Model flow-isolation-forest: [\d,]+ rows scored/);
    expect(stderr).toMatch(/Models in the shadow: \d+ alarms of both/);
  });

  it('refuses what it does not know', async () => {
    expect((await models('burn')).stderr).toContain('weir models cannot "burn"');
    expect(await models('show', '../x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no name of a model'),
    });
    expect((await models('show')).stderr).toContain('0 names were given where 1 are needed');
  });
});

describe('weir analyze --model', () => {
  it('says what the model did, and that it is still learning', async () => {
    const { code, stdout, stderr } = await weir(
      'analyze',
      scan,
      '--model',
      'isolation-forest',
      '--alarms-per-day',
      '5',
    );
    expect(code).toBe(0);
    expect(stdout).toContain('port-scan');
    expect(stderr).toContain('Still learning this network');
  });

  it('refuses a model that is not there, with those that are', async () => {
    const { code, stderr } = await weir('analyze', scan, '--model', 'crystal-ball');
    expect(code).toBe(2);
    expect(stderr).toMatch(/model "crystal-ball" is refused: .*missing\. Known: .*flow-isolation-forest/);
  });
});

describe('weir eval --model', () => {
  it('tells recall by attack and what the model adds to the rules', async () => {
    const { code, stdout } = await weir('eval', '--model', 'isolation-forest', '--scenario', scan, '--truth', truth);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Model flow-isolation-forest: \d+ benign and 1005 attack rows, area under ROC 0\.\d+/);
    expect(stdout).toMatch(/port_scan_syn +1005 +\d\.\d{3}/);
    expect(stdout).toContain('Rules alone: 1 of 1 detected');
    expect(stdout).toContain('Rules and flow-isolation-forest: 1 of 1 detected');
  });
});

describe('weir train', () => {
  it('hands rows to the training program, and tells when it fails', async () => {
    const { code, stderr } = await weir('train', '--from', scan, '--python', 'false', '--out', tmpdir());
    expect(code).toBe(2);
    expect(stderr).toContain('the training program ended with 1');
  });

  it('asks for input, and for a Python that is there', async () => {
    expect((await weir('train')).stderr).toContain('nothing to train from');
    expect((await weir('train', scan, '--python', '/no/python')).stderr).toContain('cannot run "/no/python"');
  });
});
