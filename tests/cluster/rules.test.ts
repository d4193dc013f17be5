import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Topic } from '@weir/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { detectionConfigOf } from '../../cli/src/rules/with-rules.js';
import { sendCapture } from './agents.js';
import { storyCapture } from './captures.js';
import { Cluster } from './cluster.js';
import { embeddedOutcome, incidentsIn, isSame } from './incidents.js';
import { TopicLog } from './topic-log.js';

const ANSWER_TIMEOUT_MS = 45_000;

const RULES = `
thresholds:
  - name: many-connections
    description: Nobody here begins so many in a minute.
    window: 60s
    when:
      - { measure: connectionsOut, above: 100 }
exceptions:
  - description: The yearly scan.
    kinds: [port-scan]
    sources: [10.20.1.15]
lists:
  - name: feed
    type: address
    file: feed.txt
`;

const place = inject('place');

describe.skipIf(!place)('a file of rules in the cluster', () => {
  const cluster = new Cluster(place!);
  const story = storyCapture('port-scan');
  let folder: string;
  let incidents: TopicLog;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-cluster-rules-'));
    // The user of the container must read it.
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, 'rules.yaml'), RULES);
    writeFileSync(join(folder, 'feed.txt'), '10.20.0.22 # the server that is scanned\n');
    await cluster.configure({ rules: { folder, file: 'rules.yaml' } });
    incidents = await TopicLog.open(cluster.brokers, Topic.anomalyAlerts);
  });

  afterAll(async () => {
    await incidents?.close();
    await cluster.configure({});
    rmSync(folder, { recursive: true, force: true });
  });

  it('is mounted with its lists, and says what it says in one process', async () => {
    const config = await detectionConfigOf({ rules: join(folder, 'rules.yaml') });
    const { incidents: wanted } = await embeddedOutcome(story, { config });
    expect([...new Set(wanted.map(({ kind }) => kind))].sort()).toEqual(['listed', 'rule']);
    const sinceMs = Date.now();
    await sendCapture({ brokers: cluster.brokers, sensor: 'a', capture: story });
    const told = await incidents.waitFor(() => isSame(incidentsIn(incidents, sinceMs), wanted), ANSWER_TIMEOUT_MS);
    expect(incidentsIn(incidents, sinceMs), told ? '' : await cluster.condition()).toEqual(wanted);
  });
});
