import { StatefunType, Topic } from '@weir/contracts';
import type { Tick } from '../port.js';
import { BatchRun, type RunReport } from './batch-run.js';
import type { Binding } from './binding.js';
import type { FunctionCall, Invocation } from './call.js';
import { deadLetterOf } from './dead-letter.js';
import type { Callable } from './dispatcher.js';
import { COMPLAIN_EVERY_MS, type Log, Seldom } from './log.js';
import type { CallStage, DeadLetterCause, Metrics } from './metrics.js';
import { sendParcels } from './parcel.js';
import { Outgoing, type ValueChange, writeMissingValues, writeReply } from './reply.js';
import type { StateCache } from './state-cache.js';
import { type KeptState, StateKeeper } from './state-keeper.js';
import { firstTick, nextTick, readTick } from './tick.js';

/** What all functions of a process share. */
export interface Surroundings {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly cache: StateCache;
  /** Unix epoch in ms: for ticks and dead letters, never for results. */
  readonly nowMs: () => number;
  /**
   * What happens to state that cannot be read: `refuse` answers with an error, so that Flink keeps the state and calls
   * again; `reset` puts it aside and begins anew.
   */
  readonly onUnreadableState: 'refuse' | 'reset';
  /** Lines that one answer holds at most; the rest goes in parcels. Unit: byte. */
  readonly mostLinesBytes: number;
}

/** State that cannot be read, where it must not be given up. Flink is to call again, until an operator has decided. */
export class StateRefused extends Error {
  override readonly name = 'StateRefused';
}

/** One function with its state in Flink: a call in, the answer's bytes out. */
export class AddressFunction<State, Input> implements Callable {
  private readonly keeper: StateKeeper<State, Input>;
  private readonly complaints: Seldom;

  constructor(
    private readonly binding: Binding<State, Input>,
    /** Its type, such as `weir/flow`. */
    private readonly type: string,
    private readonly around: Surroundings,
  ) {
    this.complaints = new Seldom(COMPLAIN_EVERY_MS, around.nowMs);
    this.keeper = new StateKeeper(binding, around.cache);
  }

  get name(): string {
    return this.binding.name;
  }

  /** Throws StateRefused, or what the function threw when its state could not be written: a retry may cure these. */
  answer(call: FunctionCall): Uint8Array {
    const { metrics } = this.around;
    for (const { type } of call.invocations) metrics.messageTaken(this.binding.name, typeLabel(type));
    const refusal = this.binding.refusalOf(call.target.id);
    if (refusal !== undefined) return this.refuseAll(call, refusal);
    return call.unknownValues.length === 0 ? this.run(call) : writeMissingValues(call.unknownValues);
  }

  /** Nothing of such a call is kept: an address that does not exist has no state. */
  private refuseAll(call: FunctionCall, refusal: string): Uint8Array {
    const outgoing = new Outgoing();
    const report = this.reportTo(call.target.id, outgoing);
    for (const invocation of call.invocations) report.putAside(invocation, 'wrong-address', refusal);
    return writeReply([], outgoing);
  }

  private run(call: FunctionCall): Uint8Array {
    const { binding } = this;
    const { id } = call.target;
    const refused = new Outgoing();
    const kept = this.timed('decode', () => this.findState(call, refused));
    const restore = () => this.keeper.restore(kept, id);
    const run = new BatchRun({ binding, id, report: this.reportTo(id, refused) }, kept.state, restore);
    const startMs = performance.now();
    run.run(call.invocations);
    this.around.metrics.timeSpent(binding.name, 'read', run.readMs);
    this.around.metrics.timeSpent(binding.name, 'apply', performance.now() - startMs - run.readMs);
    const changes = this.timed('encode', () => this.keepState(id, run, kept));
    run.outgoing.append(refused);
    this.keepTicking(call, run.outgoing);
    this.timed('serialize', () => sendParcels(run.outgoing, `${binding.name}/${id}`, this.around.mostLinesBytes));
    for (const { topic, lengthBytes } of run.outgoing.records) this.around.metrics.recordSent(topic, lengthBytes);
    return this.timed('serialize', () => writeReply(changes, run.outgoing));
  }

  /** The state of the call: held decoded, decoded now, or new. */
  private findState(call: FunctionCall, refused: Outgoing): KeptState<State> {
    const { metrics } = this.around;
    const { name } = this.binding;
    if (call.state !== undefined) {
      try {
        const found = this.keeper.find(call.target.id, call.state, call.journal);
        metrics.stateFound(name, found.wasHeld ? 'held' : 'decoded');
        return found;
      } catch (error) {
        this.giveUpState(`${name}/${call.target.id}`, call.state, { error: error as Error, refused });
      }
    }
    metrics.stateFound(name, 'new');
    return this.keeper.begin(call.target.id, call.journal);
  }

  /** Throws StateRefused, or puts the state aside, as it is set. */
  private giveUpState(
    address: string,
    bytes: Uint8Array,
    { error, refused }: { error: Error; refused: Outgoing },
  ): void {
    const { log, metrics, nowMs, onUnreadableState } = this.around;
    const fields = { address, stateBytes: bytes.length, reason: error.message };
    if (onUnreadableState === 'refuse') {
      if (this.complaints.allows(`state ${address}`))
        log.error(
          fields,
          'state cannot be read: run the version that wrote it, or give it up with --on-unreadable-state reset',
        );
      throw new StateRefused(`${address}: ${error.message}`);
    }
    log.warn(fields, 'state cannot be read: given up, the address begins anew');
    metrics.messagePutAside(this.binding.name, 'state-unreadable');
    const reason = `its state cannot be read and was given up: ${error.message}`;
    const letter = deadLetterOf({ reason, type: StatefunType.state, address, bytes, atMs: nowMs() });
    refused.record(Topic.deadLetters, address, letter);
  }

  /** What Flink is to keep from now on; the state stays here, decoded, for the next call. */
  private keepState(id: string, run: BatchRun<State, Input>, kept: KeptState<State>): ValueChange[] {
    const changes = this.keeper.keep(id, run, kept);
    for (const { name, bytes } of changes)
      if (bytes) this.around.metrics.stateWritten(this.binding.name, name, bytes.length);
    return changes;
  }

  /** A new address begins to tick; each tick is followed by the next, whatever became of it. */
  private keepTicking({ target, state, invocations }: FunctionCall, outgoing: Outgoing): void {
    const { tickEveryMs } = this.binding;
    if (tickEveryMs === undefined) return;
    if (state !== undefined && !invocations.some(({ type }) => type === StatefunType.tick)) return;
    const last = invocations.findLast(({ type }) => type === StatefunType.tick);
    outgoing.sendAfter(tickEveryMs, {
      target: { type: this.type, id: target.id },
      type: StatefunType.tick,
      bytes: Buffer.from(JSON.stringify(this.tickAfter(last, tickEveryMs))),
    });
  }

  private tickAfter(last: Invocation | undefined, everyMs: number): Tick {
    try {
      if (last?.bytes) return nextTick(readTick(last.bytes), everyMs);
    } catch {
      // One that cannot be read has become a dead letter; time begins anew.
    }
    return firstTick(this.around.nowMs());
  }

  private reportTo(id: string, outgoing: Outgoing): RunReport {
    const { log, metrics, nowMs } = this.around;
    const { name } = this.binding;
    const address = `${name}/${id}`;
    return {
      putAside: ({ type, bytes, place }: Invocation, cause: DeadLetterCause, reason: string) => {
        metrics.messagePutAside(name, cause);
        if (this.complaints.allows(`${cause} ${address}`))
          log.warn({ address, type, cause, reason }, 'message put aside');
        outgoing.record(
          Topic.deadLetters,
          address,
          deadLetterOf({ reason, type, address, bytes, place, atMs: nowMs() }),
        );
      },
      exception: ({ type }: Invocation, error: unknown) => {
        metrics.exceptionCaught(name);
        const stack = error instanceof Error ? error.stack : String(error);
        if (this.complaints.allows(`exception ${address}`))
          log.error({ address, type, error: stack }, 'a message failed');
      },
    };
  }

  private timed<T>(stage: CallStage, work: () => T): T {
    const startMs = performance.now();
    try {
      return work();
    } finally {
      this.around.metrics.timeSpent(this.binding.name, stage, performance.now() - startMs);
    }
  }
}

const KNOWN_TYPES: ReadonlySet<string> = new Set(Object.values(StatefunType));

/** A label of bounded variety. */
function typeLabel(type: string): string {
  return KNOWN_TYPES.has(type) ? type : 'other';
}
