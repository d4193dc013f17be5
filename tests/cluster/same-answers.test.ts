import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Topic } from '@weir/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { sendCapture } from './agents.js';
import { STORIES, splitByHosts, storyCapture } from './captures.js';
import { Cluster } from './cluster.js';
import { embeddedOutcome, incidentsIn, isSame, linesIn, type Outcome } from './incidents.js';
import { TopicLog } from './topic-log.js';

const ANSWER_TIMEOUT_MS = 90_000;
const SENSORS = ['a', 'b', 'c'];

const place = inject('place');

describe.skipIf(!place)('the cluster', () => {
  const cluster = new Cluster(place!);
  const folder = mkdtempSync(join(tmpdir(), 'weir-cluster-'));
  const expected = new Map<string, Outcome>();
  let incidents: TopicLog;
  let flows: TopicLog;

  beforeAll(async () => {
    await cluster.configure({});
    incidents = await TopicLog.open(cluster.brokers, Topic.anomalyAlerts);
    flows = await TopicLog.open(cluster.brokers, Topic.networkFlows);
    for (const story of STORIES) expected.set(story, await embeddedOutcome(storyCapture(story)));
  });

  afterAll(async () => {
    await incidents?.close();
    await flows?.close();
    rmSync(folder, { recursive: true });
  });

  /** Sends captures, each by a sensor, and compares all that comes of it with the embedded run of the story. */
  async function expectSameAnswer(story: (typeof STORIES)[number], captures: readonly string[]) {
    const { incidents: wanted, flows: wantedFlows } = expected.get(story)!;
    const sinceMs = Date.now();
    const { brokers } = cluster;
    await Promise.all(captures.map((capture, n) => sendCapture({ brokers, sensor: SENSORS[n]!, capture })));
    await flows.waitFor(() => linesIn(flows, sinceMs) >= wantedFlows || undefined, ANSWER_TIMEOUT_MS);
    const told = await incidents.waitFor(() => isSame(incidentsIn(incidents, sinceMs), wanted), ANSWER_TIMEOUT_MS);
    expect(incidentsIn(incidents, sinceMs), told ? '' : await cluster.condition()).toEqual(wanted);
    expect(linesIn(flows, sinceMs)).toBe(wantedFlows);
  }

  /** Every story with either parallelism and either number of sensors; all four together with the one that has all in it. */
  const stories = (isAll: boolean) => (isAll ? STORIES : (['demo'] as const));

  describe.each([1, 2])('with parallelism %i', (parallelism) => {
    describe('and one sensor', () => {
      beforeAll(() => cluster.configure({ parallelism }));

      it.each(stories(parallelism === 1))('finds in %s what one process finds', async (story) => {
        await expectSameAnswer(story, [storyCapture(story)]);
      });
    });

    describe('and three sensors that each see a part', () => {
      beforeAll(() => cluster.configure({ parallelism, sensors: SENSORS.map((name) => `${name}/2`).join(',') }));

      it.each(stories(parallelism === 2))('finds in %s what one process finds', async (story) => {
        await expectSameAnswer(story, splitByHosts(storyCapture(story), SENSORS.length, join(folder, story)));
      });
    });
  });
});
