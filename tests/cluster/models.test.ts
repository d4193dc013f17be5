import { Topic } from '@weir/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createMemoryIo } from '../../cli/src/memory-io.js';
import { run } from '../../cli/src/run.js';
import { sendCapture } from './agents.js';
import { storyCapture } from './captures.js';
import { Cluster } from './cluster.js';
import { embeddedOutcome, type IncidentCore, incidentsIn, isSame } from './incidents.js';
import { TopicLog } from './topic-log.js';

const ANSWER_TIMEOUT_MS = 90_000;
/** So low that there is something to compare. */
const THRESHOLD = 0.9;
const MODELS = 'flow-fusion,host-window-fusion';

const place = inject('place');

describe.skipIf(!place)('models in the cluster', () => {
  const cluster = new Cluster(place!);
  const story = storyCapture('brute-force');
  let incidents: TopicLog;

  beforeAll(async () => {
    await cluster.configure({ models: MODELS, threshold: THRESHOLD });
    incidents = await TopicLog.open(cluster.brokers, Topic.anomalyAlerts);
  });

  afterAll(async () => {
    await incidents?.close();
    await cluster.configure({});
  });

  /** Sends the story and waits until it has come to what one process finds with these models. */
  async function expectSameAnswer(models: string, whileSending = async () => {}): Promise<readonly IncidentCore[]> {
    const { incidents: wanted } = await embeddedOutcome(story, { models, threshold: THRESHOLD });
    const sinceMs = Date.now();
    await Promise.all([sendCapture({ brokers: cluster.brokers, sensor: 'a', capture: story }), whileSending()]);
    const told = await incidents.waitFor(() => isSame(incidentsIn(incidents, sinceMs), wanted), ANSWER_TIMEOUT_MS);
    expect(incidentsIn(incidents, sinceMs), told ? '' : await cluster.condition()).toEqual(wanted);
    return wanted;
  }

  it('find what they find in one process', async () => {
    const found = await expectSameAnswer(MODELS);
    expect(found.filter(({ kind }) => kind === 'anomaly').length).toBeGreaterThan(5);
  });

  it('find it too when the functions are killed', async () => {
    await expectSameAnswer(MODELS, () => cluster.kill('functions'));
  });

  it('are exchanged by a control', async () => {
    const to = ['--name', 'flow-isolation-forest', '--kafka', cluster.brokers];
    expect(await run(['control', 'model', ...to], createMemoryIo({}))).toBe(0);
    await expectSameAnswer('flow-isolation-forest');
  });
});
