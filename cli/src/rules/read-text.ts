import { readFileSync, statSync } from 'node:fs';
import { reasonOf } from '../results/result-file.js';

const MEGABYTE = 2 ** 20;

/** Larger files are no rules; of lists this is room for a million entries. */
export const MOST_BYTES = { rules: 4 * MEGABYTE, list: 128 * MEGABYTE } as const;

/** The text of a file without its byte order mark; undefined, and a fault, when it cannot be read or is too large. */
export function readText(path: string, mostBytes: number, fault: (text: string) => void): string | undefined {
  try {
    const { size } = statSync(path);
    if (size <= mostBytes) return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
    fault(`it has ${Math.ceil(size / MEGABYTE)} MB. The most is ${mostBytes / MEGABYTE} MB: divide it.`);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    fault(`it cannot be read: ${isMissing ? 'no such file' : reasonOf(error)}. Correct the name or its permissions.`);
  }
  return undefined;
}
