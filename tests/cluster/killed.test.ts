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

  beforeAll(async () => {
    await cluster.configure({});
    wanted = (await embeddedOutcome(capture)).incidents;
    incidents = await TopicLog.open(cluster.brokers, Topic.anomalyAlerts);
  });

  afterAll(() => incidents?.close());

  /** Begins a replay, and does `harm` when the first of its incidents is told; then waits for the last. */
  async function replayWith(sensor: string, harm: (agent: Agent) => Promise<Agent>): Promise<IncidentCore[]> {
    const sinceMs = Date.now();
    const agent = new Agent({ brokers: cluster.brokers, sensor, capture, speed: SPEED, isNewRun: false });
    await incidents.waitFor(() => incidents.since(sinceMs)[0], FIRST_INCIDENT_TIMEOUT_MS);
    expect(isSame(incidentsIn(incidents, sinceMs), wanted), 'all was told before any harm was done').toBeUndefined();
    const last = await harm(agent);
    await last.finish();
    await incidents.waitFor(() => isSame(incidentsIn(incidents, sinceMs), wanted), RECOVERY_TIMEOUT_MS);
    return incidentsIn(incidents, sinceMs);
  }

  it('when the agent is killed and started again', async () => {
    const told = await replayWith('killed-agent', async (agent) => {
      agent.kill();
      await agent.ended;
      return new Agent({ brokers: cluster.brokers, sensor: 'killed-agent', capture, speed: SPEED, isNewRun: false });
    });
    expect(told).toEqual(wanted);
  });

  it.each<Part>(['functions', 'taskmanager', 'jobmanager', 'kafka'])('when %s is killed', async (part) => {
    const told = await replayWith(`killed-${part}`, async (agent) => {
      const before = await cluster.restarts(part);
      await cluster.kill(part);
      await cluster.healthy();
      expect(await cluster.restarts(part)).toBeGreaterThan(before);
      return agent;
    });
    expect(told).toEqual(wanted);
  });

  it('when the network between Flink and the functions is cut for half a minute', async () => {
    const told = await replayWith('cut-off', async (agent) => {
      const mend = await cluster.cutOff('functions');
      await delay(CUT_MS);
      await mend();
      return agent;
    });
    expect(told).toEqual(wanted);
  });
});
