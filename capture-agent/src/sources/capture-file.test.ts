import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPcap, buildPcapng, concatenate, pcapngBlock, samplePackets } from './build-capture.js';
import { createCaptureFileSource } from './capture-file.js';
import { createRawPackets, type PacketSource, SourceError } from './source.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-capture-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function stored(bytes: Uint8Array, bufferBytes = 4096): Promise<PacketSource> {
  const path = join(folder, 'capture');
  await writeFile(path, bytes);
  return createCaptureFileSource({ path, bufferBytes });
}

function piped(bytes: Uint8Array): PacketSource {
  return createCaptureFileSource({ path: '-', standardInput: Readable.from([bytes]) });
}

async function readAll(source: PacketSource): Promise<{ count: number; warnings: readonly string[] }> {
  const block = createRawPackets(64);
  let count = 0;
  await source.open();
  while (await source.read(block)) count += block.count;
  const { warnings } = source.counters();
  await source.close();
  return { count, warnings };
}

/** The message with which opening fails; a SourceError, or the test fails. */
async function refusal(source: PacketSource): Promise<string> {
  const error = await source.open().then(
    () => new Error('it opened'),
    (reason: Error) => reason,
  );
  await source.close();
  expect(error).toBeInstanceOf(SourceError);
  return error.message;
}

describe('a capture file', () => {
  it('that is missing, a directory, empty or of another format is refused with what to do', async () => {
    const missing = createCaptureFileSource({ path: join(folder, 'none.pcap') });
    expect(await refusal(missing)).toMatch(/cannot open ".*none.pcap": no such file. Check the path/);
    expect(await refusal(createCaptureFileSource({ path: folder }))).toMatch(
      /it is a directory. Name one capture file/,
    );
    expect(await refusal(await stored(new Uint8Array(0)))).toMatch(/cannot read ".*capture": it is empty/);
    expect(await refusal(piped(new Uint8Array(0)))).toMatch(/cannot read "standard input": it is empty/);
    const text = await refusal(await stored(Buffer.from('time,bytes\n')));
    expect(text).toMatch(/: it is text, not a capture .*header line.*\.csv/);
    const binary = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]);
    expect(await refusal(await stored(binary))).toMatch(
      /: it starts with 7f 45 4c 46, which is neither pcap .* nor pcapng .* nor gzip.*editcap/,
    );
    const packed = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 4, 0]);
    expect(await refusal(await stored(packed))).toMatch(
      /: it is packed with zstd. Unpack it first, with "zstd -d FILE"/,
    );
    expect(await refusal(await stored(gzipSync(binary)))).toMatch(/holds, compressed, something that starts/);
    expect(await refusal(await stored(gzipSync('')))).toMatch(/gzip data hold nothing/);
    expect(await refusal(await stored(buildPcap([]).subarray(0, 10)))).toMatch(
      /ends inside its pcap header \(10 of 24/,
    );
  });

  it('is refused or read without exception when it is cut at any byte, compressed or not', async () => {
    const packets = samplePackets(3).map((packet) => ({ ...packet, bytes: packet.bytes.subarray(0, 20) }));
    for (const file of [buildPcap(packets), buildPcapng(packets), gzipSync(buildPcap(packets))]) {
      for (let length = 0; length < file.length; length++) {
        const outcome = await readAll(piped(file.subarray(0, length))).catch((error) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(SourceError);
        else expect(outcome.count).toBeLessThanOrEqual(3);
      }
    }
  });

  it('with a packet or block larger than the buffer is read with a buffer that grows', async () => {
    const large = [{ timeUs: 1, bytes: new Uint8Array(200_000) }, ...samplePackets(3)];
    expect(await readAll(await stored(buildPcap(large, { snapBytes: 262_144 }), 64))).toEqual({
      count: 4,
      warnings: [],
    });
    const unknown = pcapngBlock(0xbad, new Uint8Array(300_000));
    const file = concatenate([buildPcapng(samplePackets(2)), unknown, buildPcapng(samplePackets(2))]);
    expect(await readAll(await stored(file, 64))).toEqual({ count: 4, warnings: [] });
  });

  it('tells its progress in bytes as stored, compressed or not, and none on standard input', async () => {
    const plain = buildPcap(samplePackets(100));
    for (const bytes of [plain, gzipSync(plain)]) {
      const source = await stored(bytes);
      await source.open();
      expect(source.progress()).toEqual({ readBytes: expect.any(Number), totalBytes: bytes.length });
      const block = createRawPackets(8);
      let last = 0;
      while (await source.read(block)) {
        expect(source.progress()!.readBytes).toBeGreaterThanOrEqual(last);
        last = source.progress()!.readBytes;
      }
      expect(last).toBe(bytes.length);
      await source.close();
    }
    const stream = piped(plain);
    await stream.open();
    expect(stream.progress()).toBeUndefined();
    await stream.close();
  });
});

describe('a compressed capture file', () => {
  const file = buildPcap(samplePackets(2000));
  const packed = gzipSync(file);

  it('that is cut gives what was whole and a warning', async () => {
    const { count, warnings } = await readAll(await stored(packed.subarray(0, packed.length >> 1)));
    expect(count).toBeGreaterThan(500);
    expect(count).toBeLessThan(2000);
    expect(warnings).toEqual([
      expect.stringMatching(/gzip data are damaged or cut/),
      expect.stringMatching(/inside packet/),
    ]);
  });

  it('whose checksum alone is wrong gives every packet and a warning', async () => {
    const wrong = packed.slice();
    wrong[wrong.length - 6]! ^= 1;
    const { count, warnings } = await readAll(await stored(wrong));
    expect(count).toBe(2000);
    expect(warnings).toEqual([expect.stringMatching(/gzip data are damaged.*incorrect data check/)]);
  });

  it('that is damaged in the middle gives what came before and a warning', async () => {
    // Incompressible packets, so that the place of the damage says how much must be readable.
    let word = 1;
    const noise = () => {
      word = Math.imul(word, 1_664_525) + 1_013_904_223;
      return word >>> 24;
    };
    const packets = Array.from({ length: 500 }, (_, i) => ({
      timeUs: i,
      bytes: Uint8Array.from({ length: 1000 }, noise),
    }));
    const wrong = gzipSync(buildPcap(packets));
    wrong.fill(0xff, wrong.length >> 1, (wrong.length >> 1) + 2000);
    const { count, warnings } = await readAll(await stored(wrong));
    expect(count).toBeGreaterThan(200);
    expect(count).toBeLessThan(500);
    // Damaged bytes reach the parser before the checksum can tell; either may notice.
    expect(warnings[0]).toMatch(/damaged/);
  });

  it('of several members, as log rotation joins them, is read through; bytes after the last do not matter', async () => {
    const joined = concatenate([gzipSync(file), gzipSync(file.subarray(24)), Buffer.from('trailing')]);
    expect((await readAll(await stored(joined))).count).toBe(4000);
  });

  it('that would unpack to a thousand times its size is read in bounded memory', async () => {
    const bomb = gzipSync(concatenate([buildPcap([]), new Uint8Array(64 * 1024 * 1024)]));
    expect(bomb.length).toBeLessThan(100_000);
    const source = await stored(bomb);
    await source.open();
    const before = process.memoryUsage().arrayBuffers;
    const block = createRawPackets(4096);
    let most = 0;
    let count = 0;
    while (await source.read(block)) {
      count += block.count;
      if (count % (1024 * 1024) === 0) most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    await source.close();
    expect(count).toBe(4 * 1024 * 1024);
    expect(most).toBeLessThan(48 * 1024 * 1024);
  });
});
