import { fileURLToPath } from 'node:url';
import { type Incident, StatefunFunction, StatefunType } from '@weir/contracts';
import { EmbeddedRuntime, parseStatefunSettings, Registry, type ServedModels, Shelf } from '@weir/functions';
import { describe, expect, it } from 'vitest';
import { LoopbackCluster } from '../functions/src/runtime/statefun/loopback.js';
import { createDispatcher } from '../functions/src/runtime/statefun/serve.js';
import {
  config,
  inAnotherRun,
  incidentsOf,
  messageOf,
  nowMs,
  type PacketMessage,
  readStory,
  silentLog,
  sortedById,
} from './statefun-stories.js';

/** Functions that are started again with other settings while Flink keeps their state. */

const STORY = 'brute-force';
const CUT = { batch: 300, flow: 2 };
const alarms = { alarmsPerDay: 5, scoreThreshold: 0.9 };

function modelsOf(id: string): ServedModels {
  const shelf = new Shelf(new Registry(fileURLToPath(new URL('../models/registry', import.meta.url))));
  return { selections: [shelf.open(id)], alarms, keepsLearned: false, shelf };
}

/** The messages of the story, and what one process makes of it. */
async function playEmbedded(models: ServedModels | undefined) {
  const messages: PacketMessage[] = [];
  const said = new Map<string, Incident>();
  const runtime = new EmbeddedRuntime({
    config,
    sink: { incident: ({ incident }) => said.set(incident.id, structuredClone(incident)) },
    flowPartitions: CUT.flow,
    records: 'none',
    scoring: models && { selections: models.selections, alarms },
  });
  await readStory(STORY, CUT, (batch) => {
    messages.push(messageOf(batch));
    runtime.deliver(batch);
    void runtime.settle();
  });
  await runtime.settle();
  return { messages, incidents: sortedById([...said.values()]) };
}

const served = (models: ServedModels | undefined) =>
  createDispatcher({
    ...{ config, log: silentLog, nowMs, models },
    settings: parseStatefunSettings({ records: 'none', windows: 'none' }),
  });

describe('functions that are started again with other settings', () => {
  it.each([
    ['models that were not in use', undefined, modelsOf('flow-isolation-forest')],
    ['no models any more', modelsOf('flow-isolation-forest'), undefined],
  ])('(%s) find in the next run what one process finds', async (_, before, after) => {
    const { messages, incidents } = await playEmbedded(after);
    let dispatcher = served(before);
    const manners = { messagesPerCall: 1, lostAnswers: 0, random: () => 0.5 };
    const cluster = new LoopbackCluster((request) => dispatcher.answer(request).reply, manners);
    const play = async (sent: readonly PacketMessage[]) => {
      for (const { id, bytes } of sent) {
        cluster.put({ type: StatefunFunction.flow, id }, StatefunType.packetBatch, bytes);
        await cluster.settle();
      }
    };
    await play(messages);
    cluster.records.length = 0;
    dispatcher = served(after);
    await play(inAnotherRun(messages));
    expect(incidentsOf(cluster)).toEqual(incidents);
  });
});
