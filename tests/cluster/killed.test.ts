import { setTimeout as delay } from 'node:timers/promises';
import { Topic } from '@weir/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Agent } from './agents.js';
import { storyCapture } from './captures.js';
import { Cluster, type Part } from './cluster.js';
import { embeddedOutcome, type IncidentCore, incidentsIn, isSame } from './incidents.js';
import { TopicLog } from './topic-log.js';

/** Eight minutes of capture in half a minute: time enough for a part to go in the middle of it. */
const SPEED = '16x';
const FIRST_INCIDENT_TIMEOUT_MS = 60_000;
const RECOVERY_TIMEOUT_MS = 150_000;
const CUT_MS = 30_000;

const place = inject('place');

describe.skipIf(!place)('incidents are those of an undisturbed run', () => {
  const cluster = new Cluster(place!);
  const capture = storyCapture('demo');
  let wanted: readonly IncidentCore[];
  let incidents: TopicLog;
  let replays = 0;

  beforeAll(async () => {
    await cluster.configure({});
    wanted = (await embeddedOutcome(capture)).incidents;
    incidents = await TopicLog.open(cluster.brokers, Topic.anomalyAlerts);
  });

  afterAll(() => incidents?.close());

  /** Begins a replay, and does `harm` when the first of its incidents is told; then waits for the last, and compares. */
  async function replayWith(harm: (agent: Agent, again: () => Agent) => Promise<Agent>): Promise<void> {
    const sinceMs = Date.now();
    // A sensor that has sent a file says nothing new when it sends it again: each replay, and a test tried again, needs one.
    const sensor = `replay-${process.pid}-${replays++}`;
    const start = () => new Agent({ brokers: cluster.brokers, sensor, capture, speed: SPEED, isNewRun: false });
    const agent = start();
    await incidents.waitFor(() => incidents.since(sinceMs)[0], FIRST_INCIDENT_TIMEOUT_MS);
    expect(isSame(incidentsIn(incidents, sinceMs), wanted), 'all was told before any harm was done').toBeUndefined();
    const last = await harm(agent, start);
    await last.finish();
    const recovered = await incidents.waitFor(
      () => isSame(incidentsIn(incidents, sinceMs), wanted),
      RECOVERY_TIMEOUT_MS,
    );
    expect(incidentsIn(incidents, sinceMs), recovered ? '' : await cluster.condition()).toEqual(wanted);
  }

  it('when the agent is killed and started again', async () => {
    await replayWith(async (agent, again) => {
      agent.kill();
      await agent.ended;
      return again();
    });
  });

  it.each<Part>(['functions', 'taskmanager', 'jobmanager', 'kafka'])('when %s is killed', async (part) => {
    await replayWith(async (agent) => {
      const before = await cluster.restarts(part);
      await cluster.kill(part);
      await cluster.healthy();
      expect(await cluster.restarts(part)).toBeGreaterThan(before);
      return agent;
    });
  });

  it('when the network between Flink and the functions is cut for half a minute', async () => {
    await replayWith(async (agent) => {
      const mend = await cluster.cutOff('functions');
      await delay(CUT_MS);
      await mend();
      return agent;
    });
  });
});
