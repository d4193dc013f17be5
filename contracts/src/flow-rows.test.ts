import { describe, expect, it } from 'vitest';
import {
  ContractError,
  createFlowRowTable,
  createPacketTable,
  decodeFlowRowBatch,
  decodePacketBatch,
  decodeSensorBatch,
  encodeSensorBatch,
  type FlowRowBatch,
  isFlowRowBatch,
  NO_COUNTERS,
  parseAddress,
} from './index.js';

const header = { sensor: 'test', partition: 0, partitions: 1, epoch: 7, sequence: 3, watermarkS: 12 };

function batchOf(count: number): FlowRowBatch {
  const rows = createFlowRowTable(count);
  for (let i = 0; i < count; i++) {
    rows.columns.timeUs[i] = 12e6 + i;
    rows.columns.durationUs[i] = 1500 * i;
    rows.columns.originatorAddress.bytes.set(parseAddress('2001:db8::1'), i * 16);
    rows.columns.responderAddress.bytes.set(parseAddress(`192.0.2.${i}`), i * 16);
    rows.columns.responderPackets[i] = 2 ** 40 + i;
    rows.columns.outcome[i] = i;
  }
  rows.count = count;
  return { header, counters: { ...NO_COUNTERS, packetsCaptured: count }, rows };
}

describe('flow row batches', () => {
  it('come out of their bytes as they went in', () => {
    const batch = batchOf(5);
    const decoded = decodeFlowRowBatch(encodeSensorBatch(batch));
    expect(decoded.header).toEqual(header);
    expect(decoded.counters).toEqual(batch.counters);
    expect(decoded.rows.count).toBe(5);
    for (const name of ['timeUs', 'durationUs', 'responderPackets', 'outcome'] as const)
      expect([...decoded.rows.columns[name]]).toEqual([...batch.rows.columns[name].subarray(0, 5)]);
    expect([...decoded.rows.columns.responderAddress.bytes]).toEqual([...batch.rows.columns.responderAddress.bytes]);
  });

  it('share a topic with packets: the message says which it is', () => {
    const packets = { header, counters: NO_COUNTERS, packets: createPacketTable(0) };
    expect(isFlowRowBatch(decodeSensorBatch(encodeSensorBatch(batchOf(2))))).toBe(true);
    expect(isFlowRowBatch(decodeSensorBatch(encodeSensorBatch(packets)))).toBe(false);
    expect(() => decodePacketBatch(encodeSensorBatch(batchOf(2)))).toThrow(/layout "flowRows" where "packets" belongs/);
  });

  it('are refused when they are garbage, cut, or followed by more', () => {
    const bytes = encodeSensorBatch(batchOf(3));
    const damaged = [new Uint8Array(0), new Uint8Array(400).fill(0xff), bytes.slice(0, bytes.length >> 1)];
    for (const wrong of [...damaged, Uint8Array.from([...bytes, ...bytes])])
      expect(() => decodeSensorBatch(wrong)).toThrow(ContractError);
  });
});
