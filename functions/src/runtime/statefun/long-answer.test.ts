import { readFileSync } from 'node:fs';
import {
  createFlowRowTable,
  encodeFlowRowBatch,
  FlowOutcome,
  MOST_BATCH_ROWS,
  NO_COUNTERS,
  StatefunFunction,
  StatefunType,
  Topic,
} from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { parseDetectionConfig } from '../../config.js';
import { AddressFunction } from './address-function.js';
import { type Callable, Dispatcher } from './dispatcher.js';
import { bindFlow } from './flow-binding.js';
import { LoopbackCluster } from './loopback.js';
import { MOST_LINES_BYTES } from './parcel.js';
import { RecordsFunction } from './records-function.js';
import { Outgoing, writeReply } from './reply.js';
import { parseStatefunSettings } from './settings.js';
import { toySurroundings } from './toy.fixture.js';

/** All bounds are this much smaller here, so that it takes no minute. */
const SCALE = 1 / 16;
const MODULE = readFileSync(new URL('../../../../flink/module.yaml', import.meta.url), 'utf8');
const numberIn = (name: string) => Number(new RegExp(`^ *${name}: (\\d+)$`, 'm').exec(MODULE)![1]);
const MOST_ANSWER_BYTES = numberIn('payload_max_bytes');
const MESSAGES_A_CALL = numberIn('maxNumBatchRequests');
/** The state of a full table of flows, which an answer may hold besides what these batches come to. */
const MOST_STATE_BYTES = 24 * 2 ** 20;
const ROWS = MOST_BATCH_ROWS * SCALE;

/** Whole flows between addresses that share nothing, so that their lines are long and hard to compress. */
function batchOf(rows: number, sequence: number): Uint8Array {
  const table = createFlowRowTable(rows);
  const { columns: c } = table;
  let x = 1 + sequence;
  const random = () => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    return x;
  };
  for (let row = 0; row < rows; row++) {
    const startUs = 1_700_000_000_000_000 + sequence * 1e6 + row;
    for (let at = 0; at < 32; at++)
      (at < 16 ? c.originatorAddress : c.responderAddress).bytes[row * 16 + (at % 16)] = random() >>> 24;
    c.timeUs[row] = startUs;
    c.watermarkS[row] = Math.floor(startUs / 1e6) - 1;
    c.originatorPort[row] = random() >>> 16;
    c.responderPort[row] = random() >>> 16;
    c.protocol[row] = 6;
    c.flowHash[row] = random();
    c.originatorPackets[row] = 1 + (random() >>> 28);
    c.originatorBytes[row] = random();
    c.originatorPayloadBytes[row] = random();
    c.responderKnown[row] = 1;
    c.outcome[row] = FlowOutcome.answered + 1;
  }
  table.count = rows;
  const header = { sensor: 'local', partition: 0, partitions: 1, epoch: 0, sequence };
  const watermarkS = 1_700_000_000 + sequence;
  return encodeFlowRowBatch({ header: { ...header, watermarkS }, counters: NO_COUNTERS, rows: table });
}

/** The functions that take batches and write lines; hosts hear nothing, as it is not about them. */
function createFunctions(): Dispatcher {
  const { flow, host, records } = StatefunFunction;
  const around = toySurroundings({ mostLinesBytes: MOST_LINES_BYTES * SCALE });
  const settings = { ...parseDetectionConfig({}).flow, hostPartitions: 1, records: 'ended' } as const;
  const silent: Callable = { name: 'host', answer: () => writeReply([], new Outgoing()) };
  const functions = new Map<string, Callable>([
    [flow, new AddressFunction(bindFlow(settings), flow, around)],
    [host, silent],
    [records, new RecordsFunction(around)],
  ]);
  return new Dispatcher(functions, around.metrics);
}

/** Plays batches through a cluster that sends as many messages a call as Flink may. */
async function play(batches: readonly Uint8Array[]) {
  const functions = createFunctions();
  const exchanged: number[] = [];
  const carry = (request: Uint8Array) => {
    const { reply } = functions.answer(request);
    exchanged.push(request.length, reply.length);
    return reply;
  };
  const cluster = new LoopbackCluster(carry, { messagesPerCall: MESSAGES_A_CALL, lostAnswers: 0, random: () => 0.99 });
  const target = { type: StatefunFunction.flow, id: 'local/0' };
  for (const bytes of batches) cluster.put(target, StatefunType.packetBatch, bytes);
  await cluster.settle();
  return { cluster, exchanged };
}

describe('a call with the longest batches there are', () => {
  it('is answered with no more than Flink takes, and loses no line', async () => {
    const batches = Array.from({ length: MESSAGES_A_CALL }, (_, sequence) => batchOf(ROWS, sequence));
    const { cluster, exchanged } = await play(batches);
    expect(Math.max(...exchanged)).toBeLessThan((MOST_ANSWER_BYTES - MOST_STATE_BYTES) * SCALE);
    const lines = cluster.records.filter(({ topic }) => topic === Topic.networkFlows).map(({ value }) => value);
    // It would not have been without parcels.
    expect(lines.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(MOST_ANSWER_BYTES * SCALE);
    const ids = lines.flatMap((value) => value.split('\n')).map((line) => JSON.parse(line).communityId);
    expect(ids).toHaveLength(MESSAGES_A_CALL * ROWS);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('a batch', () => {
  it('with more rows than that becomes a dead letter', async () => {
    const { cluster } = await play([batchOf(MOST_BATCH_ROWS + 1, 0)]);
    expect(cluster.records.map(({ topic }) => topic)).toEqual([Topic.deadLetters]);
    expect(cluster.records[0]!.value).toContain('at most 100000 can be');
  });
});

describe('a request', () => {
  it('may be as long as an answer', () => {
    expect(parseStatefunSettings({}).maxRequestBytes).toBeGreaterThanOrEqual(MOST_ANSWER_BYTES);
  });
});

describe('parcels', () => {
  it('are not made where the lines of a call fit', async () => {
    const { cluster } = await play([batchOf(1000, 0)]);
    expect(cluster.records.map(({ topic }) => topic)).toContain(Topic.networkFlows);
    expect([...cluster.states.keys()]).toEqual(['weir/flow/local/0']);
    expect(cluster.calls).toBe(3);
  });

  it('that are none become dead letters', async () => {
    const functions = createFunctions();
    const manners = { messagesPerCall: 1, lostAnswers: 0, random: () => 0 };
    const cluster = new LoopbackCluster((request) => functions.answer(request).reply, manners);
    const target = { type: StatefunFunction.records, id: 'flow/local/0' };
    cluster.put(target, StatefunType.parcel, Buffer.from('none'));
    await cluster.settle();
    expect(cluster.records.map(({ topic }) => topic)).toEqual([Topic.deadLetters]);
  });

  it('hold lines beyond a bound that answers of usual batches do not reach', () => {
    // 16,384 rows a batch, as long tables are sent with, and lines of 400 bytes.
    expect(MOST_LINES_BYTES).toBeGreaterThan(MESSAGES_A_CALL * 16_384 * 400);
  });
});
