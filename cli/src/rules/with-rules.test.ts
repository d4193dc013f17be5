import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Incident } from '@weir/contracts';
import { DEFAULT_DETECTION_CONFIG } from '@weir/functions';
import { afterAll, describe, expect, it } from 'vitest';
import { createMemoryIo } from '../memory-io.js';
import { run } from '../run.js';
import { loadRules } from './load-rules.js';
import { detectionConfigOf, withRules } from './with-rules.js';

const file = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const EXAMPLE = file('docs/examples/rules.yaml');
const DEMO = file('testdata/demo/capture.pcap.gz');
const folder = mkdtempSync(join(tmpdir(), 'weir-with-rules-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function weir(...argv: string[]) {
  const io = createMemoryIo();
  const code = await run(argv, io);
  return { code, ...io.written };
}

async function incidentsOf(...argv: string[]): Promise<Incident[]> {
  const { code, stdout, stderr } = await weir('analyze', DEMO, '--json', ...argv);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Incident);
}

describe('rules', () => {
  it('stand in the settings beside all others', async () => {
    const rules = loadRules(EXAMPLE);
    const config = withRules(DEFAULT_DETECTION_CONFIG, rules);
    expect(config.host.rules).toEqual(rules.thresholds);
    expect(config.host.lists).toEqual(rules.lists);
    expect(config.incident.exceptions).toEqual(rules.exceptions);
    expect(config.host.portScan).toEqual(DEFAULT_DETECTION_CONFIG.host.portScan);
    expect(await detectionConfigOf({ rules: EXAMPLE })).toEqual(config);
    expect(await detectionConfigOf({})).toBe(DEFAULT_DETECTION_CONFIG);
  });

  it('add incidents of thresholds and lists, and take away the excepted ones', async () => {
    const [plain, ruled] = [await incidentsOf(), await incidentsOf('--rules', EXAMPLE)];
    const kinds = (incidents: Incident[]) => new Set(incidents.map(({ kind }) => kind));
    expect(kinds(plain).has('port-scan')).toBe(true);
    expect(kinds(ruled)).toEqual(new Set([...kinds(plain), 'rule', 'listed'].filter((kind) => kind !== 'port-scan')));
    expect(ruled.find(({ kind }) => kind === 'rule')).toMatchObject({ severity: 'low', sources: ['10.20.0.53'] });
  });
});

describe('weir rules check', () => {
  it('says what a file holds', async () => {
    const { code, stdout } = await weir('rules', 'check', EXAMPLE);
    expect(code).toBe(0);
    expect(stdout).toMatch(/list +own +high +2 × address\n/);
    expect(stdout).toMatch(/threshold +much-small-udp +low +2 conditions in 60 s\n/);
  });

  it('exits with 2 and tells the faults of a file, as the commands that use it do', async () => {
    const bad = join(folder, 'bad.yaml');
    writeFileSync(bad, 'lists:\n  - name: a\n');
    const checked = await weir('rules', 'check', bad);
    expect(checked).toMatchObject({ code: 2, stdout: '' });
    expect(checked.stderr).toContain(`${bad}:2: lists[0].type is missing.`);
    for (const command of ['analyze', 'start', 'functions'])
      expect(await weir(command, '--rules', bad), command).toEqual(checked);
  });

  it('exits with 2 for anything but check and a file', async () => {
    expect(await weir('rules', 'chek', EXAMPLE)).toMatchObject({ code: 2, stdout: '' });
    expect(await weir('rules', 'check')).toMatchObject({ code: 2, stdout: '' });
  });
});
