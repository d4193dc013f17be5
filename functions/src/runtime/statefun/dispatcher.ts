import { type FunctionCall, MalformedCall, readCall } from './call.js';
import type { Metrics } from './metrics.js';

/** Answers the calls of one function type. */
export interface Callable {
  /** For metrics, such as `flow`. */
  readonly name: string;
  answer(call: FunctionCall): Uint8Array;
}

/** Hands each request to the function that it calls. */
export class Dispatcher {
  /** By type, such as `weir/flow`. */
  constructor(
    private readonly functions: ReadonlyMap<string, Callable>,
    private readonly metrics: Metrics,
  ) {}

  /** The answer to a request's body. Throws a MalformedCall, or what the function throws. */
  answer(body: Uint8Array): { name: string; reply: Uint8Array } {
    const startMs = performance.now();
    const call = readCall(body);
    const parsedMs = performance.now() - startMs;
    const callable = this.callableFor(call.target.type);
    this.metrics.timeSpent(callable.name, 'parse', parsedMs);
    return { name: callable.name, reply: callable.answer(call) };
  }

  private callableFor(type: string): Callable {
    const callable = this.functions.get(type);
    if (callable) return callable;
    const known = [...this.functions.keys()].join(', ');
    throw new MalformedCall(
      `no function "${type}". Known: ${known}. Correct the endpoint in the module specification.`,
    );
  }
}
