import { readFileSync } from 'node:fs';
import { UsageError } from './errors.js';
import { reasonOf } from './results/result-file.js';

/** The text of a file that an option names. Throws a UsageError that names file and remedy. */
export function readInput(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UsageError(`cannot read "${path}": ${isMissing ? 'no such file' : reasonOf(error)}. Name another.`);
  }
}

/** The value of a JSON file that an option names. Throws a UsageError that names file and fault. */
export function readJsonInput(path: string): unknown {
  const text = readInput(path);
  try {
    return JSON.parse(text);
  } catch (error) {
    // What JSON.parse says quotes the text with its line breaks.
    const fault = (error as Error).message.replaceAll(/\s+/g, ' ');
    throw new UsageError(`"${path}" is not JSON: ${fault}. Correct it or name another.`);
  }
}
