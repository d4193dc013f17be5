import type { Outgoing } from './reply.js';

/** One function as the adapter serves it: how its messages are read, and what its outputs become. */
export interface Binding<State, Input> {
  /** First part of its addresses, `flow`, `host` or `incident`. */
  readonly name: string;
  /** Why `id` is no address of this deployment, with the remedy; undefined when it is one. */
  refusalOf(id: string): string | undefined;
  /** The input in a message. Throws a ContractError for anything that is none. */
  read(type: string, bytes: Uint8Array, id: string): Input;
  /** Applies the input to the state and puts what follows into `outgoing`. */
  apply(state: State, input: Input, outgoing: Outgoing): void;
  initialState(address: string): State;
  encode(state: State): Uint8Array;
  /** Throws for bytes that are no state of this version. */
  decode(bytes: Uint8Array): State;
  /** As StatefulFunction.release. */
  release?(state: State): void;
  /** What it was set with, as `under` reads it. A state is written with them: its journal holds under these alone. */
  readonly settings?: Uint8Array;
  /** The function as other settings make it. Throws for bytes that are none. */
  under?(settings: Uint8Array): Binding<State, Input>;
  /** Why a state that was written with `settings` must not be gone on with, and the remedy; undefined when it may be. */
  refusalUnder?(settings: Uint8Array): string | undefined;
  /** Present: each address sends itself a tick of processing time at this interval. */
  readonly tickEveryMs?: number;
}
