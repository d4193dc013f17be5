import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltPacket, buildPcap } from '../sources/build-capture.js';
import { createCaptureFileSource, createRawPackets } from '../sources/index.js';
import { fileEpoch, streamEpoch } from './epoch.js';
import { PeekedSource } from './peeked-source.js';

const SHAPE = { partitions: 4, maxBatchPackets: 4096, allowedLatenessMs: 1000, tickUs: 0 };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-epoch-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const packets = (count: number, startUs = 1e15): BuiltPacket[] =>
  Array.from({ length: count }, (_, i) => ({ timeUs: startUs + i, bytes: Uint8Array.of(i, i >>> 8, 3) }));

describe('fileEpoch', () => {
  it('follows from the content: neither the name nor the time of the file matter', async () => {
    const content = buildPcap(packets(100));
    const first = await fileEpoch(fileOf('a.pcap', content), SHAPE);
    expect(await fileEpoch(fileOf('b.pcap', content), SHAPE)).toBe(first);
    expect(Number.isSafeInteger(first)).toBe(true);
    expect(first).toBeGreaterThan(0);
  });

  it.each([
    ['the beginning', 30],
    ['the middle', 500_000],
    ['the end', 999_999],
  ])('differs when %s does', async (_, at) => {
    const content = new Uint8Array(1_000_000);
    const first = await fileEpoch(fileOf('whole', content), SHAPE);
    content[at] = 1;
    expect(await fileEpoch(fileOf('changed', content), SHAPE)).not.toBe(first);
    expect(await fileEpoch(fileOf('longer', new Uint8Array(1_000_001)), SHAPE)).not.toBe(first);
  });

  it('differs for other batches, as their numbers then mean other packets', async () => {
    const path = fileOf('c.pcap', buildPcap(packets(10)));
    const shapes = [
      SHAPE,
      { ...SHAPE, partitions: 5 },
      { ...SHAPE, maxBatchPackets: 100 },
      { ...SHAPE, allowedLatenessMs: 5000 },
      { ...SHAPE, tickUs: 250_000 },
    ];
    const epochs = await Promise.all(shapes.map((shape) => fileEpoch(path, shape)));
    expect(new Set(epochs).size).toBe(shapes.length);
  });

  it('leaves alone what is no file', async () => {
    expect(await fileEpoch(folder, SHAPE)).toBeUndefined();
    expect(await fileEpoch(join(folder, 'missing'), SHAPE)).toBeUndefined();
  });
});

describe('a peeked stream', () => {
  const streamOf = (built: BuiltPacket[], pieceBytes: number) => {
    const content = buildPcap(built);
    const pieces = Array.from({ length: Math.ceil(content.length / pieceBytes) }, (_, i) =>
      content.slice(i * pieceBytes, (i + 1) * pieceBytes),
    );
    return new PeekedSource(createCaptureFileSource({ path: '-', standardInput: Readable.from(pieces) }));
  };

  it('has the same epoch however it comes in pieces, and another for another capture', async () => {
    const epochOf = async (built: BuiltPacket[], pieceBytes: number) =>
      streamEpoch(await streamOf(built, pieceBytes).peek(1), SHAPE);
    const first = await epochOf(packets(50), 7);
    expect(await epochOf(packets(50), 1000)).toBe(first);
    expect(await epochOf(packets(50, 1e15 + 1), 1000)).not.toBe(first);
  });

  it('still gives every packet, once and in order', async () => {
    const source = streamOf(packets(50), 100);
    await source.peek(1);
    await source.open();
    const block = createRawPackets(8);
    const times: number[] = [];
    while (await source.read(block)) times.push(...block.timeUs.subarray(0, block.count));
    await source.close();
    expect(times).toEqual(packets(50).map(({ timeUs }) => timeUs));
  });

  it('ends at once when it holds no packets', async () => {
    const source = streamOf([], 100);
    expect((await source.peek(1)).count).toBe(0);
    expect(await source.read(createRawPackets(8))).toBe(false);
  });
});
