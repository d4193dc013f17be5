import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Batcher, createCaptureFileSource, createRawPackets, Decoder } from '@weir/capture-agent';
import { decodePacketBatch, encodePacketBatch, type PacketBatch } from '@weir/contracts';
import {
  EmbeddedRuntime,
  type IncidentOutput,
  parseDetectionConfig,
  Registry,
  type Selection,
  selectModels,
} from '@weir/functions';
import { beforeAll, describe, expect, it } from 'vitest';

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const registry = new Registry(at('models/registry'));
const config = parseDetectionConfig({});

interface Cut {
  maxPackets: number;
  flowPartitions?: number;
  hostPartitions?: number;
  incidentPartitions?: number;
  /** Batches between two waits for the models. */
  settleEvery?: number;
}

/** The batches of a story, cut in a way. */
async function batchesOf(story: string, { maxPackets, flowPartitions = 1 }: Cut): Promise<PacketBatch[]> {
  const source = createCaptureFileSource({ path: at(`testdata/${story}/capture.pcap.gz`) });
  const batches: PacketBatch[] = [];
  const settings = { sensor: 'local', partitions: flowPartitions, maxPackets, decoder: new Decoder() };
  const batcher = new Batcher(settings, (batch) => batches.push(decodePacketBatch(encodePacketBatch(batch))));
  await source.open();
  const block = createRawPackets(4096);
  while (await source.read(block)) batcher.push(block);
  batcher.finish();
  await source.close();
  return batches;
}

/** Every statement about every incident, in order. */
async function statementsOf(story: string, cut: Cut, selections: readonly Selection[]): Promise<IncidentOutput[]> {
  const { settleEvery = 1, maxPackets: _, ...partitions } = cut;
  const said: IncidentOutput[] = [];
  const sink = { incident: (change: IncidentOutput) => said.push(structuredClone(change)) };
  // A low threshold, so that there is something to compare.
  const scoring = { selections, alarms: { alarmsPerDay: 5, scoreThreshold: 0.9 } };
  const runtime = new EmbeddedRuntime({ config, sink, ...partitions, records: 'none', scoring });
  for (const [k, batch] of (await batchesOf(story, cut)).entries()) {
    runtime.deliver(batch);
    if (k % settleEvery === 0) await runtime.settle();
  }
  await runtime.settle();
  return said;
}

/** What each incident came to, but for samples that each partition takes of its own. */
function finalOf(said: readonly IncidentOutput[]) {
  const last = new Map(said.map(({ incident }) => [incident.id, incident]));
  return [...last.values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, kind, entity, severity, startMs, endMs, alerts, magnitude }) => {
      return { id, kind, entity, severity, startMs, endMs, alerts, magnitude };
    });
}

describe('incidents with models', () => {
  const story = 'brute-force';
  let selections: readonly Selection[];
  let reference: IncidentOutput[];
  beforeAll(async () => {
    selections = await selectModels(registry, ['flow-isolation-forest']);
    reference = await statementsOf(story, { maxPackets: 1000 }, selections);
  });

  it('are there to compare, from models and from rules', () => {
    const kinds = new Set(reference.map(({ incident }) => incident.kind));
    expect(kinds).toContain('anomaly');
    expect(kinds.size).toBeGreaterThan(1);
  });

  it.each([{ maxPackets: 7 }, { maxPackets: 100_000 }, { maxPackets: 300, settleEvery: 5 }])(
    'are the same byte for byte for %o',
    async (cut) => {
      expect(JSON.stringify(await statementsOf(story, cut, selections))).toBe(JSON.stringify(reference));
    },
  );

  it('are the same in the end with any number of partitions', async () => {
    const cuts = [{ flowPartitions: 4 }, { flowPartitions: 3, hostPartitions: 2, incidentPartitions: 2 }];
    for (const cut of cuts)
      expect(finalOf(await statementsOf(story, { ...cut, maxPackets: 500 }, selections))).toEqual(finalOf(reference));
  });

  it('leave what the rules say as it is', async () => {
    const alone = await statementsOf(story, { maxPackets: 1000 }, []);
    const ofRules = reference.filter(({ incident }) => incident.kind !== 'anomaly');
    expect(finalOf(ofRules)).toEqual(finalOf(alone));
  });
});

describe('the models that come with Weir', () => {
  const fixtures = readdirSync(at('models/fixtures')).filter((name) => name.endsWith('.json'));

  it.each(fixtures)('score as in Python: %s', async (name) => {
    const { id, rows, scores, tolerance } = JSON.parse(readFileSync(at(`models/fixtures/${name}`), 'utf8')) as {
      id: string;
      rows: (number | null)[][];
      scores: number[];
      tolerance: number;
    };
    const model = await registry.load(id);
    const matrix = Float32Array.from(rows.flat(), (value) => value ?? Number.NaN);
    const own = await model.score(matrix, rows.length);
    for (const [k, score] of scores.entries()) expect(Math.abs(own[k]! - score)).toBeLessThanOrEqual(tolerance);
    // Row by row too, as live traffic comes.
    for (let k = 0; k < 8; k++) {
      const [alone] = await model.score(matrix.subarray(k * rows[k]!.length, (k + 1) * rows[k]!.length), 1);
      expect(alone).toBe(own[k]);
    }
  });

  it('can all be loaded, and those in use together', async () => {
    for (const id of registry.ids()) expect((await selectModels(registry, [id]))[0]!.id).toBe(id);
    const { use } = JSON.parse(readFileSync(at('models/registry/default.json'), 'utf8')) as { use: string[] };
    expect(use.length).toBeGreaterThan(0);
    expect((await selectModels(registry, use)).length).toBe(use.length);
  });
});
