import { closeSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { looksLikeCapture } from '@weir/capture-agent';
import { UsageError } from '../errors.js';

/** Paths by the options that name them. */
export type NamedPaths = Readonly<Record<string, string | undefined>>;

/**
 * Refuses a file that is to be written and is read too, or written as well under another option: one would overwrite the
 * other. Devices may be shared. Throws a UsageError.
 */
export function refuseSameFile(inputs: readonly (string | undefined)[], outputs: NamedPaths): void {
  const known = new Map(inputs.flatMap((path) => placesOf(path)).map((place) => [place, 'the input']));
  for (const [option, path] of Object.entries(outputs))
    for (const place of placesOf(path)) {
      const other = known.get(place);
      if (other)
        throw new UsageError(`"${path}" is ${other} and cannot be ${option} too. Name another with ${option}.`);
      known.set(place, option);
    }
}

/** Refuses to overwrite captures with results: a forgotten name makes `--csv capture.pcap` easily. Throws a UsageError. */
export function refuseCaptures(outputs: NamedPaths): void {
  for (const [option, path] of Object.entries(outputs))
    if (path !== undefined && statusOf(path)?.isFile() && looksLikeCapture(headOf(path)))
      throw new UsageError(`"${path}" is a capture, which ${option} would overwrite. Name another with ${option}.`);
}

/** Where a file lies, whatever it is called; nothing for what is no file. */
function placesOf(path: string | undefined): string[] {
  if (path === undefined || path === '-') return [];
  const status = statusOf(path);
  if (!status) return [resolve(path)];
  return status.isFile() ? [`${status.dev}:${status.ino}`] : [];
}

function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function headOf(path: string): Uint8Array {
  const head = new Uint8Array(4);
  try {
    const file = openSync(path, 'r');
    const count = readSync(file, head);
    closeSync(file);
    return head.subarray(0, count);
  } catch {
    return new Uint8Array(0);
  }
}
