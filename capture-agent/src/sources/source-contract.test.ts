import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltPacket, buildPcap, buildPcapng, samplePackets } from './build-capture.js';
import type { CaptureDriver } from './capture-driver.js';
import { createCaptureFileSource } from './capture-file.js';
import { createLiveSource } from './live-interface.js';
import { createPacedReplay, type ReplayClock } from './paced-replay.js';
import { createRawPackets, LinkType, type PacketSource } from './source.js';

const PACKETS = samplePackets(100);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-sources-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileSource(name: string, bytes: Uint8Array, bufferBytes = 4096): Promise<PacketSource> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return createCaptureFileSource({ path, bufferBytes });
}

function streamSource(bytes: Uint8Array, chunkBytes: number): PacketSource {
  const chunks = function* () {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  };
  return createCaptureFileSource({ path: '-', standardInput: Readable.from(chunks()) });
}

/** A driver that has captured all packets by the time it is open. */
function fakeDriver(packets: readonly BuiltPacket[]): CaptureDriver {
  return {
    open: (_options, take) => {
      const reused = new Uint8Array(2000);
      for (const { bytes, timeUs, wireBytes } of packets) {
        reused.set(bytes);
        take(reused, timeUs, bytes.length, wireBytes ?? bytes.length);
      }
      return { linkType: LinkType.ethernet, dropped: () => ({ byKernel: 0, byInterface: 0 }), close: () => undefined };
    },
  };
}

function fakeClock(): ReplayClock {
  let now = 0;
  return {
    nowMs: () => now,
    sleepMs: async (ms) => {
      now += ms;
    },
  };
}

const SOURCES: Record<string, () => Promise<PacketSource>> = {
  'pcap file': () => fileSource('a.pcap', buildPcap(PACKETS)),
  'pcap file in nanoseconds and big-endian order': () =>
    fileSource('b.pcap', buildPcap(PACKETS, { nanoseconds: true, bigEndian: true })),
  'pcap file read through a buffer smaller than its packets': () => fileSource('c.pcap', buildPcap(PACKETS), 64),
  'pcapng file': () => fileSource('a.pcapng', buildPcapng(PACKETS)),
  'big-endian pcapng file': () => fileSource('b.pcapng', buildPcapng(PACKETS, true)),
  'compressed pcap file': () => fileSource('a.pcap.gz', gzipSync(buildPcap(PACKETS))),
  'compressed pcapng file': () => fileSource('a.pcapng.gz', gzipSync(buildPcapng(PACKETS))),
  'pcap on standard input, in pieces of 7 bytes': async () => streamSource(buildPcap(PACKETS), 7),
  'compressed pcapng on standard input': async () => streamSource(gzipSync(buildPcapng(PACKETS)), 100),
  'live interface': async () =>
    createLiveSource({ interfaceName: 'eth0', driver: fakeDriver(PACKETS), interfaces: [], tickMs: 1 }),
  'paced replay': async () =>
    createPacedReplay(await fileSource('p.pcap', buildPcap(PACKETS)), { speed: 2, clock: fakeClock() }),
  'paced replay without pace': async () =>
    createPacedReplay(await fileSource('q.pcap', buildPcap(PACKETS)), { speed: 'max' }),
};

interface ReadPacket {
  timeUs: number;
  hex: string;
  wireBytes: number;
  linkType: number;
}

async function readPackets(
  source: PacketSource,
  count: number,
  capacity: number,
  room?: Uint8Array,
): Promise<ReadPacket[]> {
  const block = { ...createRawPackets(capacity), ...(room ? { room } : {}) };
  const read: ReadPacket[] = [];
  while (read.length < count && (await source.read(block))) {
    for (let i = 0; i < block.count; i++) {
      const start = block.offset[i]!;
      read.push({
        timeUs: block.timeUs[i]!,
        hex: Buffer.from(block.bytes.subarray(start, start + block.capturedBytes[i]!)).toString('hex'),
        wireBytes: block.wireBytes[i]!,
        linkType: block.linkType[i]!,
      });
    }
  }
  return read;
}

const EXPECTED = PACKETS.map(({ timeUs, bytes, wireBytes }) => ({
  timeUs,
  hex: Buffer.from(bytes).toString('hex'),
  wireBytes: wireBytes ?? bytes.length,
  linkType: LinkType.ethernet,
}));

describe.each(Object.entries(SOURCES))('%s', (_name, create) => {
  it.each([1, 7, 1000])('gives every packet, whole and in order, in blocks of at most %d', async (capacity) => {
    const source = await create();
    await source.open();
    expect(await readPackets(source, PACKETS.length, capacity)).toEqual(EXPECTED);
    expect(source.counters()).toEqual({ packetsDroppedByKernel: 0, packetsDroppedByInterface: 0, warnings: [] });
    await source.close();
  });

  it.each([16, 2 ** 20])('gives the same when it is offered room for %d bytes', async (bytes) => {
    const source = await create();
    await source.open();
    expect(await readPackets(source, 1, 1)).toEqual(EXPECTED.slice(0, 1));
    const rest = await readPackets(source, PACKETS.length - 1, 2, new Uint8Array(bytes));
    expect(rest).toEqual(EXPECTED.slice(1));
    await source.close();
  });

  it('has ended for good once it is closed, and closing again is harmless', async () => {
    const source = await create();
    await source.open();
    await readPackets(source, PACKETS.length, 1000);
    await source.close();
    await source.close();
    const block = createRawPackets(10);
    expect([await source.read(block), block.count]).toEqual([false, 0]);
    expect([await source.read(block), block.count]).toEqual([false, 0]);
  });

  it('does nothing before it is opened', async () => {
    const source = await create();
    expect(source.counters().warnings).toEqual([]);
    expect(source.progress()).toBeUndefined();
    expect(source.name.length).toBeGreaterThan(0);
    await source.close();
  });
});

describe('every file source', () => {
  const files = Object.entries(SOURCES).filter(([name]) => !/live|replay$/.test(name));
  it.each(files)('%s: fills each block with at least one packet, then says that it ended', async (_name, create) => {
    const source = await create();
    await source.open();
    const block = createRawPackets(16);
    let count = 0;
    while (await source.read(block)) {
      expect(block.count).toBeGreaterThan(0);
      count += block.count;
    }
    expect(count).toBe(PACKETS.length);
    expect(await source.read(block)).toBe(false);
    await source.close();
  });
});
