import type { FlowConfig } from './config.js';
import { FlowCore } from './core.js';

/** Cores that are kept for the next state. */
const MAX_SPARE = 32;

/**
 * Cores whose states are no longer used. Making one takes milliseconds, as each has memory of its own; a runtime that
 * decodes a state for each call would make one each time.
 */
export class CorePool {
  private readonly spare: FlowCore[] = [];

  constructor(private readonly config: FlowConfig) {}

  /** A core without flows. */
  take(): FlowCore {
    return this.spare.pop() ?? new FlowCore(this.config);
  }

  /** Takes back a core that nothing uses any more. */
  giveBack(core: FlowCore): void {
    if (this.spare.length >= MAX_SPARE) return;
    core.exports.reset();
    this.spare.push(core);
  }
}
