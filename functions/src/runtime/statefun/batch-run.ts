import { ContractError } from '@weir/contracts';
import type { Binding } from './binding.js';
import type { Invocation } from './call.js';
import type { DeadLetterCause } from './metrics.js';
import { Outgoing } from './reply.js';

/** Hears of what went wrong. */
export interface RunReport {
  putAside(invocation: Invocation, cause: DeadLetterCause, reason: string): void;
  exception(invocation: Invocation, error: unknown): void;
}

/**
 * The messages of one call, applied in order to one state. What cannot be read is put aside. An exception may leave the
 * state half changed, so the state is built again and the message tried once more; when it fails again it is put aside,
 * and the rest goes on as if it had never come. However many fail, each message is applied at most three times.
 */
export class BatchRun<State, Input> {
  /** What the messages applied so far send on. */
  readonly outgoing = new Outgoing();
  /** Time spent on reading messages, ms. */
  readMs = 0;
  /** Whether the state was built again: what was applied to it then does not tell how it came about. */
  wasRebuilt = false;
  /** Applied since the state that `restore` gives. */
  applied: Invocation[] = [];

  /** `restore` builds `state` again, as it is now. */
  constructor(
    private readonly target: { binding: Binding<State, Input>; id: string; report: RunReport },
    public state: State,
    private restore: () => State,
  ) {}

  run(invocations: readonly Invocation[]): void {
    for (const invocation of invocations) this.take(invocation);
  }

  private take(invocation: Invocation): void {
    const { report } = this.target;
    const input = this.read(invocation);
    if (input === undefined) return;
    try {
      this.apply(invocation, input);
    } catch (error) {
      report.exception(invocation, error);
      this.takeAgain(invocation);
    }
  }

  private takeAgain(invocation: Invocation): void {
    this.rebuild();
    try {
      this.apply(invocation, this.inputOf(invocation));
    } catch (error) {
      const reason = `it failed twice: ${messageOf(error)}. Please report this as a defect in Weir.`;
      this.target.report.putAside(invocation, 'failed', reason);
      this.state = this.restore();
    }
  }

  private apply(invocation: Invocation, input: Input): void {
    const outgoing = new Outgoing();
    this.target.binding.apply(this.state, input, outgoing);
    // Only now: what an input sent before it failed must not go out.
    this.outgoing.append(outgoing);
    this.applied.push(invocation);
  }

  /** The state as it was before the message that failed, which then is the new base. */
  private rebuild(): void {
    const { binding } = this.target;
    this.wasRebuilt = true;
    this.state = this.restore();
    if (this.applied.length === 0) return;
    for (const invocation of this.applied) binding.apply(this.state, this.inputOf(invocation), new Outgoing());
    this.applied = [];
    const bytes = binding.encode(this.state);
    this.restore = () => binding.decode(bytes);
  }

  private read(invocation: Invocation): Input | undefined {
    const startMs = performance.now();
    try {
      return this.inputOf(invocation);
    } catch (error) {
      this.target.report.putAside(invocation, 'unreadable', messageOf(error));
      return undefined;
    } finally {
      this.readMs += performance.now() - startMs;
    }
  }

  private inputOf({ type, bytes }: Invocation): Input {
    const { binding, id } = this.target;
    if (bytes === undefined) throw new ContractError('the message has no value. Send its bytes as the value.');
    return binding.read(type, bytes, id);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
