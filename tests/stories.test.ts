import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Batcher, createCaptureFileSource, createRawPackets, Decoder } from '@weir/capture-agent';
import { INCIDENT_KINDS, type Incident, SEVERITIES } from '@weir/contracts';
import { EmbeddedRuntime, parseDetectionConfig } from '@weir/functions';
import { describe, expect, it } from 'vitest';

const TESTDATA = fileURLToPath(new URL('../testdata', import.meta.url));

/** How far from an attack's first packet an incident about it may begin. */
const START_SLACK_S = 6;

/** How long after an attack's last packet an incident may end: a longer window's last evidence may be a stray one. */
const END_SLACK_S = 60;

/** Seconds from an attack's first packet to when it must be told. */
const PATIENCE_S = 15;

/** First words of the labels of the kinds of attack that `weir traffic` makes. */
const LABELS_OF_TRAFFIC = ['port_scan', 'syn_flood', 'password_guessing', 'dns_tunnel', 'high_entropy'];

/** The kind that an attack is to be told as: its label begins with it. */
function kindOf(label: string): string | undefined {
  const words = label.replaceAll('_', '-');
  if (words.startsWith('high-entropy')) return 'high-entropy-payload';
  return INCIDENT_KINDS.find((kind) => words === kind || words.startsWith(`${kind}-`));
}

interface Attack {
  label: string;
  startS: number;
  endS: number;
  attacker: string;
  victim: string;
}

const stories = readdirSync(TESTDATA).filter((name) => existsSync(join(TESTDATA, name, 'capture.pcap.gz')));

function attacksOf(story: string): Attack[] {
  const [, ...rows] = readFileSync(join(TESTDATA, story, 'truth.csv'), 'utf8')
    .trim()
    .split('\n');
  return rows.map((row) => {
    const [start, end, label, , attacker, victim] = row.split(',');
    return { label: label!, startS: Number(start), endS: Number(end), attacker: attacker!, victim: victim! };
  });
}

async function incidentsOf(story: string): Promise<Incident[]> {
  const incidents = new Map<string, Incident>();
  const runtime = new EmbeddedRuntime({
    config: parseDetectionConfig({}),
    sensor: 'story',
    records: 'none',
    sink: { incident: ({ incident }) => void incidents.set(incident.id, incident), flowRecords: () => {} },
  });
  const options = { sensor: 'story', partitions: 1, maxPackets: 4096, decoder: new Decoder() };
  const batcher = new Batcher(options, (batch) => runtime.deliver(batch));
  const source = createCaptureFileSource({ path: join(TESTDATA, story, 'capture.pcap.gz') });
  const packets = createRawPackets(1024);
  await source.open();
  while (await source.read(packets)) batcher.push(packets);
  await source.close();
  batcher.finish();
  return [...incidents.values()];
}

function isAbout(incident: Incident, { label, startS, endS, attacker, victim }: Attack): boolean {
  const kind = kindOf(label);
  const named = [...incident.sources, ...incident.targets];
  const isNamed = named.includes(attacker) || named.includes(victim.split(/[: ]/)[0]!);
  const isThen =
    Math.abs(incident.startMs / 1000 - startS) <= START_SLACK_S && incident.endMs <= (endS + END_SLACK_S) * 1000;
  return incident.kind === kind && isNamed && isThen;
}

describe('the stories', () => {
  it('there is a benign one, and each kind of attack that weir traffic makes', () => {
    expect(stories).toContain('benign');
    const labels = stories.flatMap((story) => attacksOf(story).map(({ label }) => label));
    for (const prefix of LABELS_OF_TRAFFIC) expect(labels.some((label) => label.startsWith(prefix))).toBe(true);
  });

  for (const story of stories)
    it(`${story}: each attack is told as what it is, within 15 s, and nothing else above low`, async () => {
      const incidents = await incidentsOf(story);
      const attacks = attacksOf(story);
      for (const attack of attacks) {
        const found = incidents.filter((incident) => isAbout(incident, attack));
        expect(
          found.map(({ kind }) => kind),
          attack.label,
        ).toHaveLength(1);
        expect(found[0]!.detectedAtMs / 1000 - attack.startS, attack.label).toBeLessThan(PATIENCE_S);
      }
      const others = incidents.filter((incident) => !attacks.some((attack) => isAbout(incident, attack)));
      const serious = others.filter(({ severity }) => SEVERITIES.indexOf(severity) > SEVERITIES.indexOf('low'));
      expect(serious.map(({ title }) => title)).toEqual([]);
    });
});
