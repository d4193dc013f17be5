import { setTimeout as sleep } from 'node:timers/promises';
import type { ReplayClock } from '@weir/capture-agent';
import type { Io } from './io.js';

/** The clock of a paced replay; a stop wakes it. */
export function replayClock(io: Io): ReplayClock {
  return {
    nowMs: io.elapsedMs,
    sleepMs: async (ms: number): Promise<void> => {
      await sleep(ms, undefined, { signal: io.stop }).catch(() => undefined);
    },
  };
}
