import { fileURLToPath } from 'node:url';
import {
  type Control,
  type Incident,
  parseDeadLetter,
  STATEFUN_JOURNAL,
  STATEFUN_STATE,
  StatefunFunction,
  StatefunType,
  Topic,
} from '@weir/contracts';
import {
  EmbeddedRuntime,
  parseStatefunSettings,
  Registry,
  type ScoreSettings,
  type ScoreStatus,
  type ServedModels,
  Shelf,
} from '@weir/functions';
import { describe, expect, it } from 'vitest';
import { type Carrier, LoopbackCluster } from '../functions/src/runtime/statefun/loopback.js';
import { bindScore } from '../functions/src/runtime/statefun/score-binding.js';
import { createDispatcher } from '../functions/src/runtime/statefun/serve.js';
import { StateCache } from '../functions/src/runtime/statefun/state-cache.js';
import { StateKeeper } from '../functions/src/runtime/statefun/state-keeper.js';
import {
  config,
  deadLettersOf,
  inAnotherRun,
  incidentsOf,
  messageOf,
  nowMs,
  type PacketMessage,
  playMessages,
  randomFrom,
  readStory,
  silentLog,
  sortedById,
} from './statefun-stories.js';

/** Models in the functions that Flink calls, with Flink's part played in this process: they find what they find embedded. */

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const shelf = new Shelf(new Registry(at('models/registry')));
// A low threshold, so that there is something to compare.
const alarms = { alarmsPerDay: 5, scoreThreshold: 0.9 };

/** How a story is cut, and over how many partitions. */
interface Cut {
  batch: number;
  flow: number;
  host: number;
  incident: number;
}

const modelsOf = (ids: readonly string[]): ServedModels => ({
  selections: ids.map((id) => shelf.open(id)),
  alarms,
  keepsLearned: false,
  shelf,
});

/** The messages of a story, and what one process makes of it. */
async function playEmbedded(story: string, cut: Cut, ids: readonly string[]) {
  const rowsOf = () => runtime.modelStatus().reduce((sum, { rows }) => sum + rows, 0);
  const messages: PacketMessage[] = [];
  const said = new Map<string, Incident>();
  const runtime = new EmbeddedRuntime({
    config,
    sink: { incident: ({ incident }) => said.set(incident.id, structuredClone(incident)) },
    flowPartitions: cut.flow,
    hostPartitions: cut.host,
    incidentPartitions: cut.incident,
    records: 'none',
    scoring: { selections: ids.map((id) => shelf.open(id)), alarms },
  });
  await readStory(story, cut, (batch) => {
    messages.push(messageOf(batch));
    runtime.deliver(batch);
    void runtime.settle();
  });
  await runtime.settle();
  return { messages, incidents: sortedById([...said.values()]), rows: rowsOf() };
}

/** The functions, as one process serves them. */
function functionsWith(models: ServedModels | undefined, { host, incident }: Cut) {
  const settings = parseStatefunSettings({
    hostPartitions: host,
    incidentPartitions: incident,
    records: 'none',
    windows: 'none',
  });
  return createDispatcher({ config, log: silentLog, nowMs, settings, models });
}

/** Functions that live for a few calls, then begin anew with nothing. */
function mortal(models: ServedModels | undefined, cut: Cut, random: () => number): Carrier {
  let dispatcher = functionsWith(models, cut);
  return (request) => {
    if (random() < 1 / 20) dispatcher = functionsWith(models, cut);
    return dispatcher.answer(request).reply;
  };
}

const lettersOf = (cluster: LoopbackCluster) => deadLettersOf(cluster).map(({ value }) => parseDeadLetter(value));
const putControl = (cluster: LoopbackCluster, control: Control) =>
  cluster.put(
    { type: StatefunFunction.control, id: 'model' },
    StatefunType.control,
    Buffer.from(JSON.stringify(control)),
  );
const model = (name: string): Control => ({ kind: 'model', name });
const anomaliesIn = (incidents: readonly Incident[]) => incidents.filter(({ kind }) => kind === 'anomaly');

const FOREST = ['flow-isolation-forest'];
const BOTH = ['flow-fusion', 'host-window-fusion'];
const CONTEXT = ['flow-context-fusion'];
const CUTS: Cut[] = [
  { batch: 1000, flow: 1, host: 1, incident: 1 },
  { batch: 250, flow: 3, host: 2, incident: 2 },
  { batch: 5000, flow: 4, host: 3, incident: 1 },
];

describe('incidents of models in a cluster', () => {
  it.each(CUTS.flatMap((cut) => [FOREST, BOTH, CONTEXT].map((ids) => [ids, cut] as const)))(
    'are those of the embedded runtime with %j, for %o',
    async (ids, cut) => {
      const { messages, incidents } = await playEmbedded('brute-force', cut, ids);
      const models = modelsOf(ids);
      const manners = { messagesPerCall: 4, lostAnswers: 0, random: randomFrom(3) };
      const dispatcher = functionsWith(models, cut);
      const cluster = new LoopbackCluster((request) => dispatcher.answer(request).reply, manners);
      await playMessages(messages, cluster, { manners, settles: true });
      expect(anomaliesIn(incidents).length).toBeGreaterThan(0);
      expect(incidentsOf(cluster)).toEqual(incidents);
      expect(deadLettersOf(cluster)).toEqual([]);
    },
  );

  it.each([
    ['brute-force', 5],
    ['dns-tunnel', 6],
    ['port-scan', 7],
  ])('are the same for %s when answers are lost, functions die and messages come in any order', async (story, seed) => {
    const cut = CUTS[1]!;
    const ids = ['host-window-fusion', ...CONTEXT];
    const { messages, incidents } = await playEmbedded(story, cut, ids);
    const random = randomFrom(seed);
    const manners = { messagesPerCall: 5, lostAnswers: 0.2, random };
    const cluster = new LoopbackCluster(mortal(modelsOf(ids), cut, random), manners);
    await playMessages(messages, cluster, { manners, settles: true });
    expect(incidentsOf(cluster)).toEqual(incidents);
    expect(deadLettersOf(cluster)).toEqual([]);
  });
});

/** What the models have done, by the state that Flink keeps. */
function statusIn(cluster: LoopbackCluster, models: ServedModels, cut: Cut): ScoreStatus[] {
  const values = cluster.states.get(`${StatefunFunction.score}/0`)!;
  const journal = STATEFUN_JOURNAL.map((name) => values.get(name)).filter((bytes) => bytes instanceof Uint8Array);
  const hosts = Array.from({ length: cut.host }, (_, n) => `host/${n}`);
  const settings = { ...models, flow: config.flow, allowedLatenessMs: 1000, sensors: [], hosts };
  const find: ScoreSettings['find'] = (id, fingerprint) => shelf.get(id, fingerprint);
  const failed: ScoreSettings['failed'] = (error) => {
    throw error;
  };
  const binding = bindScore({ ...settings, incidentPartitions: cut.incident, find, failed }, models);
  const keeper = new StateKeeper(binding, new StateCache(0));
  return keeper.find('0', values.get(STATEFUN_STATE)!, journal).state.scoring.status();
}

describe('a change of models in a cluster', () => {
  const cut = CUTS[1]!;
  const models = modelsOf(FOREST);
  const ofRules = (incidents: readonly Incident[]) => incidents.filter(({ kind }) => kind !== 'anomaly');

  /** A story with a control in its middle. */
  async function playWith(story: string, control: Control, settles: boolean) {
    const embedded = await playEmbedded(story, cut, FOREST);
    const random = randomFrom(11);
    const manners = { messagesPerCall: 5, lostAnswers: 0.1, random };
    const cluster = new LoopbackCluster(mortal(models, cut, random), manners);
    const half = embedded.messages.length >>> 1;
    await playMessages(embedded.messages.slice(0, half), cluster, { manners, settles });
    const before = settles ? statusIn(cluster, models, cut) : [];
    putControl(cluster, control);
    await playMessages(embedded.messages.slice(half), cluster, { manners, settles: true });
    return { embedded, cluster, before, after: statusIn(cluster, models, cut) };
  }

  it('drops no row, and lets the new model judge what the old had not', async () => {
    const { embedded, cluster, before, after } = await playWith('brute-force', model('flow-autoencoder'), true);
    expect(before.map(({ model }) => model)).toEqual(['flow-isolation-forest']);
    expect(after.map(({ model }) => model)).toEqual(['flow-autoencoder']);
    expect(before[0]!.rows).toBeGreaterThan(0);
    expect(before[0]!.rows + after[0]!.rows).toBe(embedded.rows);
    expect(deadLettersOf(cluster)).toEqual([]);
  });

  it('under load leaves what the rules say as it is', async () => {
    const { embedded, cluster, after } = await playWith('brute-force', model('flow-autoencoder'), false);
    expect(after.map(({ model }) => model)).toEqual(['flow-autoencoder']);
    expect(ofRules(incidentsOf(cluster))).toEqual(ofRules(embedded.incidents));
    expect(deadLettersOf(cluster)).toEqual([]);
  });

  it.each([
    ['nowhere', /"nowhere" is refused: .*missing/],
    ['host-window-fusion', /looks at host-window, which is not computed here/],
  ])('to %s is refused with the reason, and the model before goes on', async (name, reason) => {
    const { embedded, cluster } = await playWith('port-scan', model(name), false);
    expect(incidentsOf(cluster)).toEqual(embedded.incidents);
    const letters = lettersOf(cluster);
    expect(letters.length).toBe(1);
    expect(letters[0]).toMatchObject({ address: 'score/0' });
    expect(letters[0]!.reason).toMatch(reason);
  });

  it('in the shadow changes nothing that is heard', async () => {
    const control: Control = { kind: 'model-shadow', name: 'flow-autoencoder' };
    const { embedded, cluster, after } = await playWith('brute-force', control, false);
    expect(incidentsOf(cluster)).toEqual(embedded.incidents);
    expect(after.map(({ model }) => model)).toEqual(FOREST);
    expect(deadLettersOf(cluster)).toEqual([]);
  });

  it('to another threshold holds from then on', async () => {
    const control: Control = { kind: 'model-alarms', alarmsPerDay: 5, scoreThreshold: 0.999 };
    const { before, after, cluster } = await playWith('brute-force', control, true);
    expect(before[0]!.threshold).toBe(1);
    expect(after[0]!.threshold).toBeCloseTo(3, 9);
    expect(deadLettersOf(cluster)).toEqual([]);
  });

  it('to none lets the rules go on alone', async () => {
    const { embedded, cluster, after } = await playWith('port-scan', model('none'), true);
    expect(after).toEqual([]);
    expect(ofRules(incidentsOf(cluster))).toEqual(ofRules(embedded.incidents));
  });
});

describe('a cluster that runs', () => {
  const cut = CUTS[1]!;
  const manners = { messagesPerCall: 4, lostAnswers: 0, random: randomFrom(21) };

  it.each([1, 2, 3, 4])('finds the same in the same capture again, however the two overlap (seed %i)', async (seed) => {
    const { messages, incidents } = await playEmbedded('dns-tunnel', cut, BOTH);
    const dispatcher = functionsWith(modelsOf(BOTH), cut);
    const overlapping = { messagesPerCall: 4, lostAnswers: 0, random: randomFrom(seed) };
    const cluster = new LoopbackCluster((request) => dispatcher.answer(request).reply, overlapping);
    for (const { id, bytes } of [...messages, ...inAnotherRun(messages)])
      cluster.put({ type: StatefunFunction.flow, id }, StatefunType.packetBatch, bytes);
    await cluster.settle();
    expect(incidentsOf(cluster)).toEqual(incidents);
    const statements = cluster.records.filter(({ topic }) => topic === Topic.anomalyAlerts).map(({ value }) => value);
    // Each run tells it all.
    expect(statements.length).toBe(2 * new Set(statements).size);
  });

  it.each([
    ['puts models into use', undefined, modelsOf(BOTH)],
    ['takes models out of use', modelsOf(BOTH), undefined],
  ])('%s with a restart, and goes on', async (_, before, after) => {
    const { messages, incidents } = await playEmbedded('port-scan', cut, BOTH);
    const half = messages.length >>> 1;
    let dispatcher = functionsWith(before, cut);
    const cluster = new LoopbackCluster((request) => dispatcher.answer(request).reply, manners);
    await playMessages(messages.slice(0, half), cluster, { manners, settles: false });
    dispatcher = functionsWith(after, cut);
    await playMessages(messages.slice(half), cluster, { manners, settles: true });
    const ofRules = (all: readonly Incident[]) => all.filter(({ kind }) => kind !== 'anomaly');
    expect(ofRules(incidentsOf(cluster))).toEqual(ofRules(incidents));
    expect(deadLettersOf(cluster)).toEqual([]);
  });
});
