import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Batcher, createCaptureFileSource, createRawPackets, Decoder } from '@weir/capture-agent';
import { INCIDENT_KINDS, type Incident, SEVERITIES } from '@weir/contracts';
import { detectorCards, EmbeddedRuntime, parseDetectionConfig } from '@weir/functions';
import { describe, expect, it } from 'vitest';

const TESTDATA = fileURLToPath(new URL('../testdata', import.meta.url));

/** How far from an attack's first packet an incident about it may begin. */
const START_SLACK_S = 6;

/** How long after an attack's last packet an incident may end: a longer window's last evidence may be a stray one. */
const END_SLACK_S = 60;

/** Seconds from an attack's first packet to when it must be told. */
const PATIENCE_S = 15;

/** Where an attack, by story or label, needs longer to be one than `PATIENCE_S`, or is told with what was before it. Unit: s. */
const EXCUSES: Readonly<
  Record<string, { readonly patienceS: number; readonly earlyS?: number; readonly because: string }>
> = {
  'slow-scan': { patienceS: 1700, because: 'twenty ports at one in fifty seconds, and the end of a window' },
  beacon_tls: { patienceS: 320, because: 'evenness shows over five minutes' },
  long_connection: { patienceS: 16_000, because: 'it is long when it has ended, after four hours' },
  data_exfiltration_pieces: { patienceS: 200, because: 'five megabytes in pieces take that long' },
  lateral_movement_ssh: { patienceS: 30, because: 'a machine counts when the session with it has ended' },
  anomaly_traffic_stopped: { patienceS: 620, because: 'silence is told after ten minutes' },
  anomaly_host_unlike_itself: { patienceS: 120, earlyS: 3600, because: 'it is about the whole hour' },
};

/** The story of each detector that is not called as it is; those about the sensor itself have none, as they accuse no host. */
const STORY_OF: Readonly<Record<string, string | undefined>> = {
  // Silent without a list: tests/rules.test.ts.
  'listed-contact': undefined,
  'arp-sweep': 'lab-reconnaissance',
  'spam-sender': 'spam',
  'password-guessing': 'brute-force',
  'login-failures': 'password-spraying',
  'login-refusals': 'ldap-guessing',
  'network-udp-flood': 'network-flood',
  // As network-udp-flood, of other packets.
  'network-syn-flood': undefined,
  'network-icmp-flood': undefined,
  'network-packet-flood': undefined,
  // Not made by weir traffic: the tests beside it.
  'community-guessing': undefined,
  'slow-connections': 'lab-slow-headers',
  'randomised-requests': 'slow-dos',
  'web-attack': 'web-injection',
  'http-gate': 'command-and-control',
  'smb-control': 'lateral-movement',
  'new-device': 'next-day',
  'rogue-server': 'next-day',
  'rare-destination': 'next-day',
  'rare-tls-client': 'next-day',
  doh: 'next-day',
  'sensor-silent': undefined,
  'sensor-loss': undefined,
  'sensor-lag': undefined,
  'sensor-clock': undefined,
  'one-sided-traffic': undefined,
  degraded: undefined,
};

/** First words of the labels of the kinds of attack that `weir traffic` makes. */
const LABELS_OF_TRAFFIC = [
  ...['port_scan', 'address_sweep', 'exploit', 'syn_flood', 'udp_flood', 'icmp_flood', 'packet_flood', 'http_flood'],
  ...['amplification', 'slow_dos', 'password_guessing', 'beacon', 'command_and_control', 'generated_domains'],
  ...['long_connection', 'dns_tunnel', 'icmp_tunnel', 'data_exfiltration', 'high_entropy', 'arp_spoofing'],
  ...[
    'lateral_movement',
    'protocol_violation',
    'new_device',
    'rogue_server',
    'rare_destination',
    'rare_tls_client',
    'malware',
    'spam',
  ],
  ...['anomaly_host_unlike_itself', 'anomaly_traffic_stopped'],
];

/** The kind that an attack is to be told as: its label begins with it. */
function kindOf(label: string): string | undefined {
  const words = label.replaceAll('_', '-');
  if (words.startsWith('high-entropy')) return 'high-entropy-payload';
  return INCIDENT_KINDS.find((kind) => words === kind || words.startsWith(`${kind}-`));
}

interface Attack {
  story: string;
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
    return { story, label: label!, startS: Number(start), endS: Number(end), attacker: attacker!, victim: victim! };
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

function toleranceOf({ story, label }: Attack) {
  const excuse = EXCUSES[story] ?? EXCUSES[label];
  const { patienceS = PATIENCE_S, earlyS = START_SLACK_S } = excuse ?? {};
  return { patienceS, earlyS, lateS: excuse ? patienceS : START_SLACK_S };
}

function isAbout(incident: Incident, attack: Attack): boolean {
  const { label, startS, endS, attacker, victim } = attack;
  const { earlyS, lateS } = toleranceOf(attack);
  const named = [...incident.sources, ...incident.targets];
  const isNamed = named.includes(attacker) || named.includes(withoutPort(victim));
  const lateByS = incident.startMs / 1000 - startS;
  const isThen = lateByS >= -earlyS && lateByS <= lateS && incident.endMs <= (endS + END_SLACK_S) * 1000;
  return incident.kind === kindOf(label) && isNamed && isThen;
}

/** The first address of a victim. */
function withoutPort(victim: string): string {
  return victim.split(' ')[0]!.replace(/^([\d.]+):\d+$/, '$1');
}

describe('the stories', () => {
  it('there is a benign one, and each kind of attack that weir traffic makes', () => {
    expect(stories).toContain('benign');
    const labels = stories.flatMap((story) => attacksOf(story).map(({ label }) => label));
    for (const prefix of LABELS_OF_TRAFFIC) expect(labels.some((label) => label.startsWith(prefix))).toBe(true);
  });

  it('of each detector has an attack of its kind', () => {
    for (const { name, kind } of detectorCards(parseDetectionConfig({}).host)) {
      const story = name in STORY_OF ? STORY_OF[name] : name;
      if (story === undefined) continue;
      expect(stories, name).toContain(story);
      expect(
        attacksOf(story).map(({ label }) => kindOf(label)),
        name,
      ).toContain(kind);
    }
  });

  for (const story of stories)
    it(`${story}: each attack is told as what it is, in time, and nothing else above low`, async () => {
      const incidents = await incidentsOf(story);
      const attacks = attacksOf(story);
      for (const attack of attacks) {
        const found = incidents.filter((incident) => isAbout(incident, attack));
        expect(
          found.map(({ kind }) => kind),
          attack.label,
        ).toHaveLength(1);
        expect(found[0]!.detectedAtMs / 1000 - attack.startS, attack.label).toBeLessThan(toleranceOf(attack).patienceS);
      }
      const others = incidents.filter((incident) => !attacks.some((attack) => isAbout(incident, attack)));
      const serious = others.filter(({ severity }) => SEVERITIES.indexOf(severity) > SEVERITIES.indexOf('low'));
      expect(serious.map(({ title }) => title)).toEqual([]);
    });
});
