import { STATEFUN_JOURNAL, STATEFUN_STATE } from '@weir/contracts';
import { LayoutError } from '../port.js';
import type { BatchRun } from './batch-run.js';
import type { Binding } from './binding.js';
import { entryBytes, messagesIn, writeEntry } from './journal.js';
import { Outgoing, type ValueChange } from './reply.js';
import { type FramedState, FrameWriter, readFrame, type StateCache, type StateTag } from './state-cache.js';

/** A state at the beginning of a call, and how Flink keeps it. */
export interface KeptState<State> {
  readonly state: State;
  /** Whether it was held decoded. */
  readonly wasHeld: boolean;
  /** As it was written last; undefined for a new address. */
  readonly whole: FramedState | undefined;
  /** What was applied since, in the order of its values. */
  readonly journal: readonly FramedState[];
}

/**
 * A journal may be so many times as long as the state: to write a byte of a state costs about ten times what it costs to
 * carry one of the journal with a call, and this many is near the least of both together.
 */
const MOST_JOURNAL_OF_STATE = 3;
/** However long the state is: it travels with each call, whose length is bounded. */
const MOST_JOURNAL_BYTES = 16 * 2 ** 20;

const NO_SETTINGS = new Uint8Array();

/**
 * Finds and keeps the states of one function. To write a state of megabytes after each call would cost more than the
 * call, so what is written is the messages that it applied, into one more value of a journal; as transitions follow from
 * state and message alone, who has the state as it was and the journal has the state as it is. When the journal is full,
 * or several times as long as the state, the state is written as a whole again: what is in it travels with each call to come.
 */
export class StateKeeper<State, Input> {
  private readonly frames = new FrameWriter();

  constructor(
    private readonly binding: Binding<State, Input>,
    private readonly cache: StateCache,
  ) {}

  /** The state of an address that has none; `journal` is what a state that was given up has left. */
  begin(id: string, journal: readonly Uint8Array[]): KeptState<State> {
    const state = this.binding.initialState(this.addressOf(id));
    const left = journal.map((bytes) => ({ tag: '', settings: new Uint8Array(), bytes }));
    return { state, wasHeld: false, whole: undefined, journal: left };
  }

  /** The state in what Flink keeps: held decoded, or built now. Throws what is wrong with bytes that are none. */
  find(id: string, framedState: Uint8Array, framedJournal: readonly Uint8Array[]): KeptState<State> {
    const whole = readFrame(framedState);
    const refusal = this.areOwn(whole.settings) ? undefined : this.binding.refusalUnder?.(whole.settings);
    if (refusal !== undefined) throw new LayoutError(refusal);
    const journal = framedJournal.map(readFrame);
    const held = this.cache.take(this.addressOf(id), (journal.at(-1) ?? whole).tag) as State | undefined;
    const kept = { whole, journal, wasHeld: held !== undefined };
    return { ...kept, state: held ?? this.restore(kept, id) };
  }

  /**
   * Builds the state again from what Flink keeps. A journal is applied as the functions were set when it was written:
   * with other settings it would come to a state from which what was told since does not follow.
   */
  restore({ whole, journal }: Pick<KeptState<State>, 'whole' | 'journal'>, id: string): State {
    const { binding } = this;
    if (whole === undefined) return binding.initialState(this.addressOf(id));
    if (journal.length === 0) return binding.decode(whole.bytes);
    const entries = journal.map(({ bytes }) => bytes);
    const then = this.bindingUnder(whole.settings);
    const state = then.decode(whole.bytes);
    for (const { type, bytes = new Uint8Array() } of messagesIn(entries, whole.tag))
      then.apply(state, then.read(type, bytes, id), new Outgoing());
    if (then === binding) return state;
    const encoded = Uint8Array.from(then.encode(state));
    then.release?.(state);
    return binding.decode(encoded);
  }

  /** The function as it was set then; as it is set now where that cannot be read, as of another release. */
  private bindingUnder(settings: Uint8Array): Binding<State, Input> {
    const { binding } = this;
    if (this.areOwn(settings) || !binding.under) return binding;
    try {
      return binding.under(settings);
    } catch {
      return binding;
    }
  }

  private areOwn(settings: Uint8Array): boolean {
    return Buffer.compare(settings, this.binding.settings ?? NO_SETTINGS) === 0;
  }

  /** What Flink is to keep after a call; the state stays here, decoded, for the next one. */
  keep(id: string, run: BatchRun<State, Input>, kept: KeptState<State>): ValueChange[] {
    const { whole, journal } = kept;
    if (whole && !run.wasRebuilt && run.applied.length === 0) {
      this.hold(id, run.state, { tag: (journal.at(-1) ?? whole).tag, encodedBytes: lengthOf(kept) });
      return [];
    }
    const mayGoOn = whole && this.areOwn(whole.settings) && !run.wasRebuilt && journal.length < STATEFUN_JOURNAL.length;
    if (mayGoOn && bytesIn(journal) + entryBytes(run.applied) <= mostJournalBytes(whole))
      return this.goOn(id, run, { ...kept, whole });
    return this.writeWhole(id, run.state, journal.length);
  }

  private goOn(id: string, run: BatchRun<State, Input>, kept: KeptState<State> & { whole: FramedState }) {
    const { whole, journal } = kept;
    const { tag, framed } = this.frames.write(writeEntry({ of: whole.tag, invocations: run.applied }));
    this.hold(id, run.state, { tag, encodedBytes: lengthOf(kept) + framed.length });
    return [{ name: STATEFUN_JOURNAL[journal.length]!, bytes: framed }];
  }

  private writeWhole(id: string, state: State, journalLength: number): ValueChange[] {
    const { tag, framed } = this.frames.write(this.binding.encode(state), this.binding.settings);
    this.hold(id, state, { tag, encodedBytes: framed.length });
    const emptied = STATEFUN_JOURNAL.slice(0, journalLength).map((name) => ({ name, bytes: undefined }));
    return [{ name: STATEFUN_STATE, bytes: framed }, ...emptied];
  }

  private hold(id: string, state: State, entry: { tag: StateTag; encodedBytes: number }): void {
    const release = () => this.binding.release?.(state);
    this.cache.put(this.addressOf(id), { ...entry, state, release });
  }

  private addressOf(id: string): string {
    return `${this.binding.name}/${id}`;
  }
}

function mostJournalBytes({ bytes }: FramedState): number {
  return Math.min(MOST_JOURNAL_OF_STATE * bytes.length, MOST_JOURNAL_BYTES);
}

function lengthOf({ whole, journal }: Pick<KeptState<unknown>, 'whole' | 'journal'>): number {
  return (whole?.bytes.length ?? 0) + bytesIn(journal);
}

function bytesIn(journal: readonly FramedState[]): number {
  return journal.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
