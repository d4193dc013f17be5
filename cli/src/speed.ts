import { UsageError } from './errors.js';

/** `max`, or times real time. */
export type Speed = 'max' | number;

const FASTEST = 1_000_000;

/** Reads `1x`, `10x`, `0.5x`, `60` or `max`. Throws a UsageError. */
export function parseSpeed(text: string): Speed {
  if (text === 'max') return 'max';
  const match = /^(\d+(?:\.\d+)?)x?$/.exec(text);
  const factor = match ? Number(match[1]) : 0;
  if (factor > 0 && factor <= FASTEST) return factor;
  throw new UsageError(`--speed cannot be "${text}". Give a factor such as 1x or 10x (at most ${FASTEST}x), or max.`);
}
