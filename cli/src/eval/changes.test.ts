import { fileURLToPath } from 'node:url';
import { createCaptureFileSource, createRawPackets, LinkType, type RawPackets } from '@weir/capture-agent';
import { DEFAULT_DETECTION_CONFIG } from '@weir/functions';
import { describe, expect, it } from 'vitest';
import { CHANGES } from './changes.js';
import { detectInCapture } from './detect.js';
import { renumberAddresses } from './renumber.js';

const SCAN = fileURLToPath(new URL('../../../testdata/port-scan/capture.pcap.gz', import.meta.url));

function changeNamed(part: string) {
  return CHANGES.find(({ name }) => name.includes(part))!;
}

/** All packets of the bundled scan after a change, as times and source addresses. */
async function scanAfter(part: string): Promise<{ timeUs: number; source: string }[]> {
  const source = changeNamed(part).of(createCaptureFileSource({ path: SCAN }));
  const block = createRawPackets(512);
  const seen: { timeUs: number; source: string }[] = [];
  await source.open();
  while (await source.read(block))
    for (let i = 0; i < block.count; i++) {
      const at = block.offset[i]! + 26;
      seen.push({ timeUs: block.timeUs[i]!, source: block.bytes.subarray(at, at + 4).join('.') });
    }
  await source.close();
  return seen;
}

/** A block of one packet. */
function blockOf(packet: Uint8Array): RawPackets {
  const block = createRawPackets(1);
  block.bytes = packet;
  block.count = 1;
  block.capturedBytes[0] = packet.length;
  block.wireBytes[0] = packet.length;
  block.linkType[0] = LinkType.ipv4;
  return block;
}

/** One's complement sum of 16-bit words (RFC 1071), folded; 0xffff where a checksum among them is right. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let k = 0; k < bytes.length; k += 2) sum += (bytes[k]! << 8) | (bytes[k + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

/** An IPv4 header with a right checksum, and a datagram of 8 bytes behind it whose own is right too. */
function datagram(source: readonly number[], destination: readonly number[]): Uint8Array {
  const packet = Uint8Array.from([
    0x45,
    0,
    0,
    28,
    0,
    1,
    0,
    0,
    64,
    17,
    0,
    0,
    ...source,
    ...destination,
    4,
    0,
    0,
    53,
    0,
    8,
    0,
    0,
  ]);
  const header = ~sumOf(packet.subarray(0, 20)) & 0xffff;
  packet.set([header >>> 8, header & 255], 10);
  const udp = ~sumOf(Uint8Array.from([...packet.subarray(12), 0, 17, 0, 8])) & 0xffff;
  packet.set([udp >>> 8, udp & 255], 26);
  return packet;
}

describe('other addresses', () => {
  it('leave checksums right, private networks private, and neighbours together', () => {
    for (let last = 1; last < 255; last++) {
      const packet = datagram([192, 168, 7, last], [93, 184, 216, 255 - last]);
      renumberAddresses(blockOf(packet));
      expect(sumOf(packet.subarray(0, 20))).toBe(0xffff);
      expect(sumOf(Uint8Array.from([...packet.subarray(12), 0, 17, 0, 8]))).toBe(0xffff);
      expect(packet[12]).toBe(10);
      expect(packet.subarray(12, 15)).not.toEqual(Uint8Array.of(192, 168, 7));
      expect(packet[16]).not.toBe(93);
    }
    const networks = [9, 77].map((last) => {
      const packet = datagram([192, 168, 7, last], [8, 8, 8, 8]);
      renumberAddresses(blockOf(packet));
      return packet.subarray(12, 15).join('.');
    });
    expect(networks[0]).toBe(networks[1]);
  });

  it('are not given to groups, broadcasts and addresses of the link', () => {
    for (const kept of [
      [224, 0, 0, 251],
      [192, 168, 7, 255],
      [169, 254, 3, 4],
      [0, 0, 0, 0],
    ]) {
      const packet = datagram([127, 0, 0, 1], kept);
      renumberAddresses(blockOf(packet));
      expect([...packet.subarray(16, 20)]).toEqual(kept);
    }
  });

  it('are not written where a header is cut', () => {
    const packet = datagram([192, 168, 7, 9], [8, 8, 8, 8]);
    for (let length = 0; length < 28; length++) {
      const block = blockOf(packet.slice(0, length));
      expect(() => renumberAddresses(block)).not.toThrow();
    }
  });
});

describe('a changed capture', () => {
  it('is as many times longer or shorter, or lacks about as many packets, the same ones each time', async () => {
    const [slower, faster, fewer] = [await scanAfter('slower'), await scanAfter('faster'), await scanAfter('lost')];
    const lengthUs = (packets: { timeUs: number }[]) => packets.at(-1)!.timeUs - packets[0]!.timeUs;
    expect(lengthUs(slower) / lengthUs(faster)).toBeCloseTo(9, 2);
    expect(fewer.length / slower.length).toBeGreaterThan(0.75);
    expect(fewer.length / slower.length).toBeLessThan(0.85);
    expect(await scanAfter('lost')).toEqual(fewer);
  });

  it.each(CHANGES.map(({ name }) => name))('with %s still shows the scan', async (name) => {
    const source = changeNamed(name).of(createCaptureFileSource({ path: SCAN }));
    const { incidents } = await detectInCapture(source, DEFAULT_DETECTION_CONFIG, new AbortController().signal);
    expect(incidents.map(({ kind }) => kind)).toContain('port-scan');
  });
});
