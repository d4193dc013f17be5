import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Incident } from '@weir/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryIo } from '../memory-io.js';
import { sampleIncident } from '../report/sample-incident.js';
import { run } from '../run.js';
import { AddressSet } from './address-set.js';
import { judge } from './captures.js';
import { csvRows } from './csv-rows.js';
import { missTable, tableMarkdown } from './report.js';
import { scoreScenario } from './score.js';
import type { Attack } from './truth.js';

const START_MS = 1_700_000_000_000;

function incident(said: Partial<Incident>): Incident {
  const times = { startMs: START_MS, endMs: START_MS + 1000, detectedAtMs: START_MS + 2000 };
  return { ...sampleIncident(), severity: 'medium', ...times, ...said };
}

function attack(said: Partial<Attack> & { names?: string[] } = {}): Attack {
  const { names = ['10.0.0.9'], ...more } = said;
  const times = { startMs: START_MS, endMs: START_MS + 60_000 };
  return { label: 'a', category: 'scan', ...times, addresses: AddressSet.of(names), domains: [], ...more };
}

describe('sets of addresses', () => {
  it('meet by address, block and card, in both versions of IP', () => {
    const meets = (a: string, b: string) => AddressSet.of([a]).meets(AddressSet.of([b]));
    expect(meets('10.0.0.9', '10.0.0.9')).toBe(true);
    expect(meets('10.0.0.9', '10.0.0.0/24')).toBe(true);
    expect(meets('10.0.0.9', '10.0.1.0/24')).toBe(false);
    expect(meets('2001:db8::1', '2001:db8:0:0::/64')).toBe(true);
    expect(meets('::ffff:10.0.0.1', '10.0.0.1')).toBe(false);
    expect(meets('00:11:22:33:44:55', '00:11:22:33:44:55')).toBe(true);
    expect(meets('2767 reflectors', '2767 reflectors')).toBe(false);
  });

  it('find addresses in remarks, and two in one with a slash that is no block', () => {
    const set = new AddressSet();
    set.addFrom('192.0.2.20/21:443 and 10.0.0.0/24');
    for (const address of ['192.0.2.20', '192.0.2.21', '10.0.0.77'])
      expect([address, set.meets(AddressSet.of([address]))]).toEqual([address, true]);
    expect(set.meets(AddressSet.of(['192.0.2.22']))).toBe(false);
  });
});

describe('rows of CSV', () => {
  it('may hold quotes, commas and line breaks in quotes', () => {
    expect(csvRows('a,b\n"1,""x""",2\n\n3,"4\n5"\n')).toEqual([
      { a: '1,"x"', b: '2' },
      { a: '3', b: '4\n5' },
    ]);
    expect(csvRows('a,b\n1,\n')).toEqual([{ a: '1', b: '' }]);
  });
});

describe('a score', () => {
  it('counts what names an address of the attack in its time as detected, and typed only of a right kind', () => {
    const one = incident({ kind: 'port-scan', sources: ['10.0.0.9'], targets: [] });
    expect(scoreScenario([attack()], [one])).toMatchObject({ detected: 1, typed: 1, medianDelayMs: 2000 });
    expect(scoreScenario([attack()], [{ ...one, kind: 'beacon' }])).toMatchObject({ detected: 1, typed: 0 });
    expect(scoreScenario([attack()], [{ ...one, severity: 'info' }])).toMatchObject({ detected: 0 });
    expect(scoreScenario([attack()], [{ ...one, kind: 'degraded' }])).toMatchObject({
      detected: 0,
      falseIncidents: [],
    });
  });

  it('takes what matches no attack as false, once for a kind and source in ten minutes', () => {
    const other = incident({ kind: 'port-scan', sources: ['10.9.9.9'], targets: [] });
    const again = (afterMs: number) => ({ ...other, startMs: START_MS + afterMs, endMs: START_MS + afterMs });
    expect(scoreScenario([attack()], [other, again(500_000)]).falseIncidents).toHaveLength(1);
    expect(scoreScenario([attack()], [other, again(602_000)]).falseIncidents).toHaveLength(2);
  });

  it('lets an incident be two minutes late, and no more', () => {
    const late = (ms: number) =>
      incident({ kind: 'port-scan', sources: ['10.0.0.9'], startMs: START_MS + 60_000 + ms });
    const ended = (one: Incident) => ({ ...one, endMs: one.startMs });
    expect(scoreScenario([attack()], [ended(late(120_000))]).detected).toBe(1);
    expect(scoreScenario([attack()], [ended(late(120_001))]).detected).toBe(0);
  });

  it('wants the domain of a DNS attack where it is known', () => {
    const tunnel = attack({ category: 'dns_tunnel', domains: ['t.example'] });
    const about = (domain: string) => incident({ kind: 'dns-tunnel', sources: ['10.0.0.9'], domain });
    expect(scoreScenario([tunnel], [about('x.t.example')]).typed).toBe(1);
    expect(scoreScenario([tunnel], [about('other.example')]).detected).toBe(0);
  });
});

describe('the verdict on a capture', () => {
  const row = (category: string) => ({ category, label: 'c', file: 'c.pcap', note: '' });

  it('is right for a benign one as long as nothing above low is told', () => {
    expect(judge(row('benign_iot'), 1, [incident({ severity: 'low' })]).isRight).toBe(true);
    expect(judge(row('benign_iot'), 1, [incident({ severity: 'medium' })]).isRight).toBe(false);
  });

  it('is right for an attack when a right kind is told', () => {
    expect(judge(row('scan'), 1, [incident({ kind: 'port-scan' })]).isRight).toBe(true);
    expect(judge(row('scan'), 1, [incident({ kind: 'beacon' })]).isRight).toBe(false);
    expect(judge(row('scan'), 1, [])).toMatchObject({ isRight: false, told: [] });
  });

  it('is shown with its reason where it is wrong', () => {
    const text = tableMarkdown(missTable([judge(row('scan'), 7, [])], { c: 'too | slow' }));
    expect(text).toContain('| scan | c | 7 | nothing | too \\| slow |');
  });
});

describe('weir eval', () => {
  const testdata = fileURLToPath(new URL('../../../testdata', import.meta.url));
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-eval-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('tells by category what captures gave, and scores a scenario', async () => {
    const manifest = join(folder, 'manifest.csv');
    const rows = ['scan,port_scan,port-scan/capture.pcap.gz', 'benign_office,benign,benign/capture.pcap.gz'];
    writeFileSync(manifest, `category,label,file\n${rows.join('\n')}\n`);
    const io = createMemoryIo({ columns: 200 });
    const scenario = [
      '--scenario',
      join(testdata, 'port-scan/capture.pcap.gz'),
      '--truth',
      join(testdata, 'port-scan/truth.csv'),
    ];
    const written = join(folder, 'table.md');
    const code = await run(
      ['eval', '--captures', manifest, '--root', testdata, ...scenario, '--markdown', written],
      io,
    );
    expect([code, io.written.stderr]).toEqual([0, '']);
    expect(io.written.stdout).toContain('1 of 1 detected, 1 typed, 0 false incidents');
    expect(io.written.stdout).toMatch(/all attacks +1 +1 +100.0 %/);
    expect(io.written.stdout).toMatch(/all benign +1 +1 +100.0 %/);
  });

  it('tells what is right still when the captures are changed', async () => {
    const manifest = join(folder, 'changed.csv');
    const rows = ['scan,port_scan,port-scan/capture.pcap.gz', 'c2,wrongly_named,port-scan/capture.pcap.gz'];
    writeFileSync(manifest, `category,label,file\n${rows.join('\n')}\n`);
    const io = createMemoryIo({ columns: 200 });
    expect(await run(['eval', '--captures', manifest, '--root', testdata, '--changed'], io)).toBe(0);
    expect(io.written.stdout).toMatch(/none +1 of 2 +0 of 0/);
    expect(io.written.stdout).toMatch(/other addresses +1 of 2 +0 of 0/);
    expect(io.written.stdout).not.toMatch(/lost.*wrongly_named/);
  });

  it('says what is missing', async () => {
    const io = createMemoryIo();
    expect(await run(['eval'], io)).toBe(2);
    expect(io.written.stderr).toContain('nothing to evaluate');
    const table = join(folder, 'other.csv');
    writeFileSync(table, 'a,b\n1,2\n');
    expect(await run(['eval', '--captures', table], io)).toBe(2);
    expect(io.written.stderr).toContain('has no column category, label, file');
  });
});
