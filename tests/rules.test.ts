import { createCaptureFileSource } from '@weir/capture-agent';
import type { Incident } from '@weir/contracts';
import { EmbeddedRuntime, NO_RULES, parseDetectionConfig, type Rules } from '@weir/functions';
import { describe, expect, it } from 'vitest';
import { runAgent } from '../cli/src/pipeline.js';

/** What users say themselves, over captures of `testdata/`. */

/** The final incidents of a story, of kinds that begin with users' rules or of all. */
async function incidentsOf(story: string, said: Partial<Rules>, batch = 1000): Promise<Incident[]> {
  const { thresholds, lists, exceptions } = { ...NO_RULES, ...said };
  const config = parseDetectionConfig({ host: { rules: thresholds, lists }, incident: { exceptions } });
  const last = new Map<string, Incident>();
  const runtime = new EmbeddedRuntime({
    config,
    sink: { incident: ({ incident }) => last.set(incident.id, structuredClone(incident)) },
    records: 'none',
    windows: 'none',
  });
  const path = new URL(`../testdata/${story}/capture.pcap.gz`, import.meta.url).pathname;
  const source = createCaptureFileSource({ path });
  const options = {
    source,
    sensor: 'local',
    partitions: 1,
    maxBatchPackets: batch,
    stop: new AbortController().signal,
  };
  await runAgent({ ...options, allowedLatenessMs: config.allowedLatenessMs, tick: 'none' }, (b) => runtime.deliver(b));
  await runtime.settle();
  return [...last.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

const ofKind = (incidents: readonly Incident[], kind: string) => incidents.filter((incident) => incident.kind === kind);

describe('a threshold', () => {
  const threshold = {
    name: 'many-ports',
    description: 'Nobody here tries so many ports.',
    windowS: 10 as const,
    when: [{ measure: 'portsTried', above: 50 }],
    severity: 'critical' as const,
  };

  it('is told with what was measured, by whatever batches it comes', async () => {
    const [incident, ...others] = ofKind(await incidentsOf('port-scan', { thresholds: [threshold] }), 'rule');
    expect(others).toEqual([]);
    expect(incident).toMatchObject({ severity: 'critical', techniques: [] });
    expect(incident!.summary).toContain('portsTried is');
    expect(incident!.evidence[0]).toMatchObject({ unit: 'port', threshold: 50 });
    expect(incident!.evidence[0]!.value).toBeGreaterThan(50);
    expect(ofKind(await incidentsOf('port-scan', { thresholds: [threshold] }, 37), 'rule')).toEqual([incident]);
  });

  it('holds for the hosts that it names alone', async () => {
    const elsewhere = { ...threshold, hosts: ['198.18.0.0/15'] };
    expect(ofKind(await incidentsOf('port-scan', { thresholds: [elsewhere] }), 'rule')).toEqual([]);
  });

  it('needs all its conditions', async () => {
    const both = { ...threshold, when: [...threshold.when, { measure: 'bytesSent', above: 1e9 }] };
    expect(ofKind(await incidentsOf('port-scan', { thresholds: [both] }), 'rule')).toEqual([]);
  });

  it('from above is asked when the window is over', async () => {
    const few = { ...threshold, when: [{ measure: 'connectionsOut', above: 0, below: 2 }] };
    for (const { evidence } of ofKind(await incidentsOf('benign', { thresholds: [few] }), 'rule'))
      expect(evidence[0]!.value).toBe(1);
  });

  it('with a measure that there is not is refused', async () => {
    const wrong = { ...threshold, when: [{ measure: 'colour', above: 1 }] };
    await expect(incidentsOf('benign', { thresholds: [wrong] })).rejects.toThrow('there is no measure "colour"');
  });
});

describe('a list', () => {
  it('of addresses tells who meets one, and of domains who asks for one', async () => {
    const [scan] = ofKind(await incidentsOf('port-scan', {}), 'port-scan');
    const address = scan!.sources[0]!;
    const [tunnel] = ofKind(await incidentsOf('dns-tunnel', {}), 'dns-tunnel');
    const lists = [
      { name: 'bad', type: 'address' as const, severity: 'low' as const, entries: [`${address}/32`] },
      { name: 'names', type: 'domain' as const, description: 'Seen in a report.', entries: [tunnel!.domain!] },
    ];
    const met = ofKind(await incidentsOf('port-scan', { lists }), 'listed');
    expect(met.length).toBeGreaterThan(0);
    expect(met[0]).toMatchObject({ severity: 'low', sources: [address] });
    expect(met[0]!.summary).toContain('the list "bad"');
    const asked = ofKind(await incidentsOf('dns-tunnel', { lists: lists.slice(1) }), 'listed');
    expect(asked[0]).toMatchObject({ severity: 'high', domain: tunnel!.domain });
    expect(asked[0]!.summary).toContain('Seen in a report.');
    expect(ofKind(await incidentsOf('benign', { lists: lists.slice(1) }), 'listed')).toEqual([]);
  });
});

describe('an exception', () => {
  it('leaves out what fits it, and nothing else', async () => {
    const all = await incidentsOf('demo', {});
    const scan = ofKind(all, 'port-scan')[0]!;
    const exceptions = [{ description: 'Our scanner.', kinds: ['port-scan' as const], sources: scan.sources }];
    const told = await incidentsOf('demo', { exceptions });
    expect(told).toEqual(all.filter(({ id }) => id !== scan.id));
  });
});
