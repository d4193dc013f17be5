import { createPacketTable, END_OF_TIME_S, type PacketBatch, type PacketTable } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { type Captured, rawPackets } from '../decoder/decode-rows.js';
import { Decoder } from '../decoder/index.js';
import * as build from '../decoder/packet-builder.js';
import type { RawPackets } from '../sources/source.js';
import { Batcher, type BatcherOptions } from './batcher.js';

const START_US = 1.7e15;

/** A mix of flows, ARP and DNS with jittered times, some of them late. */
function traffic(count: number): Captured[] {
  return Array.from({ length: count }, (_, i) => {
    const jitterUs = ((Math.imul(i, 0x9e3779b1) >>> 0) % 3_000_000) - 1_500_000;
    return { data: packet(i), timeUs: START_US + i * 10_000 + jitterUs };
  });
}

function packet(i: number): Uint8Array {
  if (i % 17 === 0) return build.ethernet(build.arp(), { type: 0x0806 });
  const source = `10.0.${i % 7}.${i % 50}`;
  if (i % 3 > 0)
    return build.ethernet(build.ipv4(build.tcp(build.bytes('x'), { source: 1024 + (i % 90) }), { source }));
  const message = build.dns({ questions: [build.question(build.domain(`host${i}.example`))] });
  return build.ethernet(build.ipv4(build.udp(message, { destination: 53 }), { source, protocol: 17 }));
}

interface Collected {
  headers: PacketBatch['header'][];
  counters: PacketBatch['counters'][];
  rows: PacketTable[];
}

function collect(options: Partial<BatcherOptions>, run: (batcher: Batcher) => void): Collected {
  const partitions = options.partitions ?? 1;
  const rows = Array.from({ length: partitions }, () => createPacketTable(16));
  const collected: Collected = { headers: [], counters: [], rows };
  const whole = { sensor: 'test', partitions, maxPackets: 1000, decoder: new Decoder(), ...options };
  const batcher = new Batcher(whole, ({ header, counters, packets }) => {
    collected.headers.push(header);
    collected.counters.push(counters);
    rows[header.partition]!.appendRows(packets, 0, packets.count);
  });
  run(batcher);
  return collected;
}

/** Blocks of `size` packets, as a source would give them. */
function blocks(raw: RawPackets, size: number): RawPackets[] {
  const parts: RawPackets[] = [];
  for (let from = 0; from < raw.count; from += size) {
    const to = Math.min(from + size, raw.count);
    const part = { bytes: raw.bytes, count: to - from } as RawPackets;
    for (const name of ['timeUs', 'offset', 'capturedBytes', 'wireBytes', 'linkType'] as const)
      Object.assign(part, { [name]: raw[name].slice(from, to) });
    parts.push(part);
  }
  return parts;
}

/** All bytes of the valid rows of each column. */
function contents({ columns, count }: PacketTable): Record<string, string> {
  const hex = (array: ArrayBufferView<ArrayBuffer>, share = 1) =>
    Buffer.from(array.buffer, array.byteOffset, array.byteLength * share).toString('hex');
  const { sourceAddress, destinationAddress, noteText, ...plain } = columns;
  return {
    ...Object.fromEntries(Object.entries(plain).map(([name, array]) => [name, hex(array.subarray(0, count))])),
    sourceAddress: hex(sourceAddress.bytes.subarray(0, 16 * count)),
    destinationAddress: hex(destinationAddress.bytes.subarray(0, 16 * count)),
    noteOffsets: hex(noteText.offsets.subarray(0, count + 1)),
    noteData: hex(noteText.data.subarray(0, noteText.offsets[count])),
  };
}

describe('batcher', () => {
  it.each([1, 3])('with %i partitions the rows do not depend on the size of blocks and batches', (partitions) => {
    const raw = rawPackets(traffic(2500));
    const run = (maxPackets: number, blockSize: number) => {
      const decoder = new Decoder();
      const { rows } = collect({ partitions, maxPackets, decoder }, (batcher) => {
        for (const block of blocks(raw, blockSize)) batcher.push(block);
        batcher.finish();
      });
      return rows.map(contents);
    };
    const expected = run(100_000, 2500);
    expect(expected.every(({ flowHash }) => flowHash!.length > 0)).toBe(true);
    for (const [maxPackets, blockSize] of [
      [1, 2500],
      [7, 100],
      [1000, 999],
      [100_000, 1],
    ] as const)
      expect(run(maxPackets, blockSize)).toEqual(expected);
  });

  it('puts each flow on the partition of its hash, and what has no flow on the first', () => {
    const { rows } = collect({ partitions: 4 }, (batcher) => {
      batcher.push(rawPackets(traffic(500)));
      batcher.finish();
    });
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(500);
    for (const [partition, { columns, count }] of rows.entries())
      for (let row = 0; row < count; row++) {
        expect(columns.flowHash[row]! % 4).toBe(partition);
        if (columns.networkLayer[row] === 1) expect(partition).toBe(0);
      }
  });

  it('no row is older than its watermark, which never goes back, nor older than the header before it', () => {
    const raw = rawPackets(traffic(3000));
    let promisedS = 0;
    let lastS = 0;
    const batcher = new Batcher({ sensor: 'a', partitions: 1, maxPackets: 50, decoder: new Decoder() }, (batch) => {
      const { timeUs, watermarkS } = batch.packets.columns;
      for (let row = 0; row < batch.packets.count; row++) {
        expect(timeUs[row]).toBeGreaterThanOrEqual(watermarkS[row]! * 1e6);
        expect(timeUs[row]).toBeGreaterThanOrEqual(promisedS * 1e6);
        expect(watermarkS[row]).toBeGreaterThanOrEqual(lastS);
        lastS = watermarkS[row]!;
      }
      expect(batch.header.watermarkS).toBeGreaterThanOrEqual(promisedS);
      promisedS = batch.header.watermarkS;
    });
    batcher.push(raw);
    batcher.finish();
    expect(lastS).toBeGreaterThan(START_US / 1e6 + 20);
    expect(promisedS).toBe(END_OF_TIME_S);
  });

  it('a tick emits every partition, empty ones too, and numbers batches by partition', () => {
    const { headers } = collect({ partitions: 2 }, (batcher) => {
      batcher.flush();
      batcher.push(rawPackets(traffic(40)));
      batcher.flush();
      batcher.finish();
    });
    expect(headers.map(({ partition, sequence }) => [partition, sequence])).toEqual([
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
      [0, 2],
      [1, 2],
    ]);
    expect(headers.map(({ watermarkS }) => watermarkS).slice(-2)).toEqual([END_OF_TIME_S, END_OF_TIME_S]);
    expect(headers[0]!.watermarkS).toBe(0);
  });

  it('counts what was captured, late, undecoded and lost', () => {
    const captured: Captured[] = [...traffic(20)].map((c, i) => ({ ...c, timeUs: START_US + i }));
    captured.push({ data: build.fill(5), timeUs: START_US - 60e6 });
    const { counters } = collect({}, (batcher) => {
      batcher.reportDrops({ packetsDroppedByKernel: 3, packetsDroppedByInterface: 4 });
      batcher.push(rawPackets(captured));
      batcher.finish();
    });
    expect(counters).toEqual([
      {
        packetsCaptured: 21,
        packetsDroppedByKernel: 3,
        packetsDroppedByInterface: 4,
        packetsLate: 1,
        packetsUndecoded: 1,
      },
    ]);
  });

  it('the clock of the machine moves an idle sensor on', () => {
    const { headers } = collect({}, (batcher) => {
      batcher.advanceTo(START_US / 1000 + 500);
      batcher.flush();
      batcher.advanceTo(START_US / 1000 - 9000);
      batcher.flush();
    });
    expect(headers.map(({ watermarkS }) => watermarkS)).toEqual([1_699_999_999, 1_699_999_999]);
  });

  it('refuses sizes that cannot work', () => {
    const make = (options: Partial<BatcherOptions>) => () => collect(options, () => {});
    expect(make({ maxPackets: 0 })).toThrow('maxPackets is 0. Set it to 1 or more.');
    expect(make({ partitions: -1 })).toThrow(RangeError);
  });
});
