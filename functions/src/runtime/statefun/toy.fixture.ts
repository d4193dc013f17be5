import { ContractError } from '@weir/contracts';
import { LayoutError } from '../port.js';
import type { Surroundings } from './address-function.js';
import type { Binding } from './binding.js';
import { Metrics } from './metrics.js';
import { MOST_LINES_BYTES } from './parcel.js';
import { StateCache } from './state-cache.js';

/** Numbers a toy has taken, in order. */
export interface ToyState {
  taken: number[];
}

/**
 * A function that keeps the numbers it is sent as one byte each and sends on their sum. 13 is no message; 66 makes it throw after it has
 * changed its state and sent something; 77 does so the first time only.
 */
export function toyBinding(): Binding<ToyState, number> {
  let sevens = 0;
  return {
    name: 'toy',
    refusalOf: (id) => (id === 'nowhere' ? 'no such toy' : undefined),
    initialState: () => ({ taken: [] }),
    encode: ({ taken }) => Uint8Array.from([1, ...taken]),
    decode: ([version, ...taken]) => {
      if (version !== 1) throw new LayoutError(`toy state has layout ${version}; this version reads 1`);
      return { taken };
    },
    read: (_, [number]) => {
      if (number === undefined || number === 13) throw new ContractError('13 is no message');
      return number;
    },
    apply: (state, number, outgoing) => {
      state.taken.push(number);
      outgoing.record(
        'sums',
        '',
        state.taken.reduce((sum, n) => sum + n, 0),
      );
      if (number === 66 || (number === 77 && sevens++ === 0)) throw new Error(`${number} breaks it`);
    },
  };
}

/** What a toy is surrounded by, and what it has logged. */
export function toySurroundings(settings: Partial<Surroundings> = {}): Surroundings & { lines: string[] } {
  const lines: string[] = [];
  const say = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level}: ${message} ${JSON.stringify(fields)}`);
  return {
    lines,
    log: { info: say('info'), warn: say('warn'), error: say('error') },
    metrics: new Metrics(),
    cache: new StateCache(1e9),
    nowMs: () => 1000,
    onUnreadableState: 'refuse',
    mostLinesBytes: MOST_LINES_BYTES,
    ...settings,
  };
}
