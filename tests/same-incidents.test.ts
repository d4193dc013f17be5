import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Batcher, createCaptureFileSource, createRawPackets, Decoder, type RawPackets } from '@weir/capture-agent';
import {
  createPacketTable,
  decodePacketBatch,
  encodePacketBatch,
  hashAddress,
  type Incident,
  type PacketBatch,
} from '@weir/contracts';
import {
  createFlowFunction,
  createHostFunction,
  createIncidentFunction,
  type EmbeddedOptions,
  EmbeddedRuntime,
  type IncidentOutput,
  parseDetectionConfig,
  type StatefulFunction,
} from '@weir/functions';
import { beforeAll, describe, expect, it } from 'vitest';

const TESTDATA = fileURLToPath(new URL('../testdata', import.meta.url));
const config = parseDetectionConfig({});

/** All packets of a story in one block. */
async function packetsOf(story: string): Promise<RawPackets> {
  const source = createCaptureFileSource({ path: join(TESTDATA, story, 'capture.pcap.gz') });
  await source.open();
  const all = createRawPackets(100_000);
  const block = createRawPackets(4096);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  while (await source.read(block)) {
    for (const name of ['timeUs', 'capturedBytes', 'wireBytes', 'linkType'] as const)
      all[name].set(block[name].subarray(0, block.count), all.count);
    for (let i = 0; i < block.count; i++) all.offset[all.count + i] = block.offset[i]! + bytes;
    all.count += block.count;
    bytes += block.bytes.length;
    chunks.push(block.bytes.slice());
  }
  await source.close();
  all.bytes = Buffer.concat(chunks);
  return all;
}

/** How a capture is cut on its way. */
interface Cut {
  sensor?: string;
  maxPackets?: number;
  flowPartitions?: number;
  hostPartitions?: number;
  incidentPartitions?: number;
}

/** Plays packets into `deliver` as an agent does. */
function play(packets: RawPackets, cut: Cut, deliver: (b: PacketBatch) => void) {
  const { sensor = 'local', maxPackets = 1000, flowPartitions = 1 } = cut;
  const options = { sensor, partitions: flowPartitions, maxPackets, decoder: new Decoder() };
  const batcher = new Batcher(options, deliver);
  batcher.push(packets);
  batcher.finish();
}

/** The packets of `packets` whose sources and targets fall to each of `sensors`: both directions of a flow to the same one. */
function splitByHost(packets: RawPackets, sensors: number): RawPackets[] {
  const table = createPacketTable(packets.count);
  new Decoder().decodeBlock(packets, 0, packets.count, table);
  const { sourceAddress, destinationAddress } = table.columns;
  const parts = Array.from({ length: sensors }, () => ({ ...createRawPackets(packets.count), bytes: packets.bytes }));
  for (let i = 0; i < packets.count; i++) {
    const ends = [sourceAddress, destinationAddress].map(({ words }) => hashAddress(words, i * 4));
    const part = parts[Math.min(...ends) % sensors]!;
    for (const name of ['timeUs', 'capturedBytes', 'wireBytes', 'linkType', 'offset'] as const)
      part[name][part.count] = packets[name][i]!;
    part.count++;
  }
  return parts;
}

/** As statementsOf, with the packets split between sensors that take turns, each in rounds of its own size. */
function statementsOfSensors(parts: RawPackets[], cut: Cut): IncidentOutput[] {
  const { flowPartitions = 1, hostPartitions = 1, incidentPartitions = 1 } = cut;
  const said: IncidentOutput[] = [];
  const sink: EmbeddedOptions['sink'] = { incident: (change) => said.push(structuredClone(change)) };
  const sensors = parts.map((_, k) => ({ name: `sensor-${k}`, partitions: flowPartitions }));
  const runtime = new EmbeddedRuntime({ config, sink, sensors, hostPartitions, incidentPartitions });
  const turns = parts.map((packets, k) => {
    const batches: PacketBatch[] = [];
    play(packets, { ...cut, maxPackets: 300 * (k + 1), sensor: `sensor-${k}` }, (batch) => batches.push(copyOf(batch)));
    return batches;
  });
  while (turns.some((batches) => batches.length > 0))
    for (const batches of turns) for (const batch of batches.splice(0, 2)) runtime.deliver(batch);
  return said;
}

function copyOf(batch: PacketBatch): PacketBatch {
  return decodePacketBatch(encodePacketBatch(batch));
}

/** Every statement about every incident, in order. */
function statementsOf(packets: RawPackets, cut: Cut): IncidentOutput[] {
  const said: IncidentOutput[] = [];
  const sink: EmbeddedOptions['sink'] = { incident: (change) => said.push(structuredClone(change)) };
  const { flowPartitions = 1, hostPartitions = 1, incidentPartitions = 1 } = cut;
  const runtime = new EmbeddedRuntime({ config, sink, flowPartitions, hostPartitions, incidentPartitions });
  play(packets, cut, (batch) => runtime.deliver(batch));
  return said;
}

/** What each incident came to, in the order of ids. */
function finalOf(said: IncidentOutput[]): Incident[] {
  const last = new Map(said.map(({ incident }) => [incident.id, incident]));
  return [...last.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** What may not depend on the number of partitions: all but samples of what was seen, which each partition takes of its own. */
function coreOf({ id, kind, entity, severity, startMs, endMs, evidence, sources, alerts, magnitude }: Incident) {
  return { id, kind, entity, severity, startMs, endMs, evidence, sources, alerts, magnitude };
}

const SMALL = ['port-scan', 'brute-force'] as const;
const STORIES = ['benign', ...SMALL, 'syn-flood', 'dns-tunnel', 'high-entropy'] as const;
const captures = new Map<string, RawPackets>();
const reference = new Map<string, IncidentOutput[]>();

beforeAll(async () => {
  for (const story of STORIES) {
    captures.set(story, await packetsOf(story));
    reference.set(story, statementsOf(captures.get(story)!, { maxPackets: 1000 }));
  }
});

describe('statements about incidents, byte for byte', () => {
  it('are there to compare', () => {
    for (const story of STORIES) expect(reference.get(story)!.length > 0, story).toBe(story !== 'benign');
  });

  it.each(SMALL)('are the same for %s packet by packet', (story) => {
    const said = statementsOf(captures.get(story)!, { maxPackets: 1 });
    expect(JSON.stringify(said)).toBe(JSON.stringify(reference.get(story)));
  });

  it.each(STORIES)('are the same for %s in small batches and in one', (story) => {
    for (const maxPackets of [7, 100_000]) {
      const said = statementsOf(captures.get(story)!, { maxPackets });
      expect(JSON.stringify(said)).toBe(JSON.stringify(reference.get(story)));
    }
  });
});

describe('incidents in the end', () => {
  it.each(STORIES)('are the same for %s with any number of partitions', (story) => {
    const expected = finalOf(reference.get(story)!).map(coreOf);
    for (const cut of [
      { flowPartitions: 4 },
      { hostPartitions: 3 },
      { flowPartitions: 3, hostPartitions: 2, incidentPartitions: 4, maxPackets: 300 },
    ])
      expect(finalOf(statementsOf(captures.get(story)!, cut)).map(coreOf)).toEqual(expected);
  });

  it.each(STORIES)('are the same for %s when three sensors each see a part of the hosts', (story) => {
    const expected = finalOf(reference.get(story)!).map(coreOf);
    const parts = splitByHost(captures.get(story)!, 3);
    expect(parts.filter(({ count }) => count > 0).length).toBeGreaterThan(1);
    for (const cut of [{}, { flowPartitions: 2, hostPartitions: 3, incidentPartitions: 2 }]) {
      const final = finalOf(statementsOfSensors(parts, cut));
      expect(final.map(coreOf)).toEqual(expected);
      for (const { sensors } of final) expect(sensors.length).toBeGreaterThan(0);
    }
  });

  it.each(STORIES)('are the same for %s when every function restarts between batches', (story) => {
    for (const cut of [{ maxPackets: 1500 }, { maxPackets: 4000, flowPartitions: 2, hostPartitions: 2 }])
      expect(finalOf(statementsWithRestarts(captures.get(story)!, cut))).toEqual(
        finalOf(statementsOf(captures.get(story)!, cut)),
      );
  });
});

/** As statementsOf, with all state in bytes between any two calls. */
function statementsWithRestarts(packets: RawPackets, cut: Cut): IncidentOutput[] {
  const { flowPartitions = 1, hostPartitions = 1 } = cut;
  const names = (n: number, name: string) => Array.from({ length: n }, (_, k) => `${name}/${k}`);
  const said: IncidentOutput[] = [];
  const incident = inBytes(() =>
    createIncidentFunction({ ...config.incident, upstreams: names(hostPartitions, 'host') }),
  );
  const host = inBytes(() =>
    createHostFunction({
      host: config.host,
      allowedLatenessMs: config.allowedLatenessMs,
      incidentPartitions: 1,
      sensors: [{ name: 'local', partitions: flowPartitions }],
      windows: 'none',
    }),
  );
  const flow = inBytes(() => createFlowFunction({ ...config.flow, hostPartitions, records: 'none' }));
  play(packets, cut, (batch) => {
    flow(`flow/local/${batch.header.partition}`, batch, (toHost) => {
      if (toHost.kind !== 'host-batch') return;
      host(`host/${toHost.partition}`, toHost, (toIncident) => {
        if (toIncident.kind !== 'alert-batch') return;
        incident('incident/0', toIncident, (change) => said.push(structuredClone(change)));
      });
    });
  });
  return said;
}

/** A function whose states are kept as bytes, made anew for every call. */
function inBytes<State, Input, Output>(create: () => StatefulFunction<State, Input, Output>) {
  const states = new Map<string, Uint8Array>();
  return (address: string, input: Input, emit: (output: Output) => void) => {
    const fn = create();
    const bytes = states.get(address);
    const state = bytes ? fn.decode(bytes) : fn.initialState(address);
    fn.transition(state, input, emit);
    states.set(address, fn.encode(state));
  };
}
