import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ROOT } from './docker.js';

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const ETHERNET_BYTES = 14;

/** Captures of testdata/ that every cluster test replays. */
export const STORIES = [
  'benign',
  'port-scan',
  'brute-force',
  'syn-flood',
  'dns-tunnel',
  'high-entropy',
  'demo',
] as const;

/** Path of a story's capture. */
export function storyCapture(story: (typeof STORIES)[number]): string {
  return join(ROOT, 'testdata', story, 'capture.pcap.gz');
}

/**
 * Splits a capture (pcap of Ethernet, little endian) by the pair of hosts that talk, as sensors in different places see
 * it. Returns the paths of `parts` files in `folder`.
 */
export function splitByHosts(path: string, parts: number, folder: string): string[] {
  const bytes = gunzipSync(readFileSync(path));
  const pieces: Buffer[][] = Array.from({ length: parts }, () => [bytes.subarray(0, FILE_HEADER_BYTES)]);
  for (let at = FILE_HEADER_BYTES; at < bytes.length; ) {
    const end = at + RECORD_HEADER_BYTES + bytes.readUInt32LE(at + 8);
    pieces[hostPair(bytes.subarray(at + RECORD_HEADER_BYTES, end)) % parts]!.push(bytes.subarray(at, end));
    at = end;
  }
  mkdirSync(folder, { recursive: true });
  return pieces.map((piece, part) => {
    const file = join(folder, `part-${part}.pcap`);
    writeFileSync(file, Buffer.concat(piece));
    return file;
  });
}

/** A number that is the same for both directions between two hosts; 0 for what is not IP. */
function hostPair(frame: Buffer): number {
  const etherType = frame.readUInt16BE(12);
  if (etherType === 0x0800) return sum(frame.subarray(ETHERNET_BYTES + 12, ETHERNET_BYTES + 20));
  if (etherType === 0x86dd) return sum(frame.subarray(ETHERNET_BYTES + 8, ETHERNET_BYTES + 40));
  return 0;
}

function sum(bytes: Uint8Array): number {
  return bytes.reduce((total, byte) => total + byte, 0);
}
