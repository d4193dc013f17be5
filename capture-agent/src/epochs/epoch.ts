import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { RawPackets } from '../sources/index.js';

/** Everything but the input that decides which packets are in which batch, and so what a batch's number means. */
export interface BatchShape {
  readonly partitions: number;
  readonly maxBatchPackets: number;
  readonly allowedLatenessMs: number;
  /** Capture time after which a batch is cut though it is not full; 0 without. */
  readonly tickUs: number;
}

/** How much is read of a file's beginning, middle and end. */
const SAMPLE_BYTES = 65_536;

/**
 * Epoch of a run that reads the file at `path`: the same whenever the same content is read with the same batches, so
 * that batches sent again are told by their numbers. Follows from the size and three samples; neither name nor times
 * matter. Undefined for what is no regular file, as reading it would take it away.
 */
export async function fileEpoch(path: string, shape: BatchShape): Promise<number | undefined> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const status = await file.stat();
    return status.isFile() ? await hashFile(file, status.size, shape) : undefined;
  } finally {
    await file.close();
  }
}

async function hashFile(file: FileHandle, sizeBytes: number, shape: BatchShape): Promise<number> {
  const hash = begin('file', shape).update(`${sizeBytes}\n`);
  const last = Math.max(0, sizeBytes - SAMPLE_BYTES);
  for (const position of [0, Math.floor(last / 2), last]) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, position);
    hash.update(buffer.subarray(0, bytesRead));
  }
  return finish(hash);
}

/** Epoch of a run that reads a stream, such as standard input: follows from its first packet, with its time in µs. */
export function streamEpoch({ bytes, timeUs, offset, capturedBytes }: RawPackets, shape: BatchShape): number {
  const start = offset[0] ?? 0;
  const packet = bytes.subarray(start, start + (capturedBytes[0] ?? 0));
  return finish(begin('stream', shape).update(`${timeUs[0]}\n`).update(packet));
}

function begin(kind: string, { partitions, maxBatchPackets, allowedLatenessMs, tickUs }: BatchShape): Hash {
  return createHash('sha256').update(`${kind} ${partitions} ${maxBatchPackets} ${allowedLatenessMs} ${tickUs}\n`);
}

/** The first 48 bits: exact as a number. */
function finish(hash: Hash): number {
  return hash.digest().readUIntBE(0, 6);
}
