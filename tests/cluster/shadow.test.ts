import { Topic } from '@weir/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createMemoryIo } from '../../cli/src/memory-io.js';
import { run } from '../../cli/src/run.js';
import { sendCapture } from './agents.js';
import { storyCapture } from './captures.js';
import { Cluster } from './cluster.js';
import { embeddedOutcome, incidentsIn, isSame } from './incidents.js';
import { TopicLog } from './topic-log.js';

const ANSWER_TIMEOUT_MS = 45_000;
/** In use and in its shadow; neither is of another test, so that nothing was learned before. */
const MODEL = 'flow-autoencoder';
const SHADOW = 'flow-isolation-forest';
const THRESHOLD = 0.9;
const LOWER_THRESHOLD = 0.5;
/** Metrics are told every so many messages: many small ones, and the story may have to come again. */
const BATCH_PACKETS = 100;
const MOST_SENDS = 3;

const place = inject('place');

describe.skipIf(!place)('models in the shadow and the budget of alarms in the cluster', () => {
  const cluster = new Cluster(place!);
  const story = storyCapture('brute-force');
  let incidents: TopicLog;

  beforeAll(async () => {
    await cluster.configure({ models: MODEL, threshold: THRESHOLD });
    incidents = await TopicLog.open(cluster.brokers, Topic.anomalyAlerts);
  });

  afterAll(async () => {
    await incidents?.close();
    await cluster.configure({});
  });

  const control = async (...words: string[]) =>
    expect(await run(['control', ...words, '--kafka', cluster.brokers], createMemoryIo({}))).toBe(0);
  const send = () =>
    sendCapture({ brokers: cluster.brokers, sensor: 'a', capture: story, batchPackets: BATCH_PACKETS });
  const wantedWith = async (threshold: number) =>
    (await embeddedOutcome(story, { models: MODEL, threshold })).incidents;

  /** Sends the story, and waits until it has come to what one process finds from this score on. */
  async function expectAlarmsFrom(threshold: number): Promise<void> {
    const wanted = await wantedWith(threshold);
    const sinceMs = Date.now();
    await send();
    const told = await incidents.waitFor(() => isSame(incidentsIn(incidents, sinceMs), wanted), ANSWER_TIMEOUT_MS);
    expect(incidentsIn(incidents, sinceMs), told ? '' : await cluster.condition()).toEqual(wanted);
  }

  /** Alarms that only the shadow raised, as the functions tell. */
  async function onlyOfShadow(): Promise<number> {
    const line = /^weir_functions_model_shadow_alarms\{who="only_shadow"\} (\S+)$/m;
    return Number(line.exec(await cluster.functionsMetrics())?.[1] ?? 0);
  }

  it('the shadow is not heard, and what only it would have told is counted', async () => {
    await control('model-shadow', '--name', SHADOW);
    await expectAlarmsFrom(THRESHOLD);
    for (let sends = 1; sends < MOST_SENDS && (await onlyOfShadow()) === 0; sends++) await send();
    expect(await onlyOfShadow()).toBeGreaterThan(0);
  });

  it('another threshold holds at once', async () => {
    expect(await wantedWith(LOWER_THRESHOLD)).not.toEqual(await wantedWith(THRESHOLD));
    await control('model-alarms', '--alarms-per-day', '5', '--threshold', String(LOWER_THRESHOLD));
    await expectAlarmsFrom(LOWER_THRESHOLD);
  });
});
