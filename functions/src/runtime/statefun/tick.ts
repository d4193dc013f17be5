import { Type } from '@sinclair/typebox';
import { parseJsonAs } from '@weir/contracts';
import type { Tick } from '../port.js';
import { textOf } from './partition-id.js';

const TickMessage = Type.Object({ kind: Type.Literal('tick'), nowMs: Type.Number() }, { $id: 'Tick' });

/** A tick from its bytes. Throws a ContractError. */
export function readTick(bytes: Uint8Array): Tick {
  return parseJsonAs(TickMessage, textOf(bytes));
}

/** The tick of a new address. */
export function firstTick(nowMs: number): Tick {
  return { kind: 'tick', nowMs };
}

/**
 * The tick after `tick`. Its time is counted on, not read from the clock: while Flink or the functions are down nobody can
 * be heard, and that time must not make sensors silent. It also makes a call that is repeated say the same.
 */
export function nextTick(tick: Tick, everyMs: number): Tick {
  return { kind: 'tick', nowMs: tick.nowMs + everyMs };
}
