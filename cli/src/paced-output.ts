import type { Output } from './io.js';
import { UntilStopped } from './until-stopped.js';

/** An output that may be written faster than it is read: whoever writes awaits `ready` from time to time. */
export class PacedOutput {
  private readonly untilStopped: UntilStopped;
  private isBehind = false;

  constructor(
    private readonly output: Output,
    stop: AbortSignal,
  ) {
    this.untilStopped = new UntilStopped(stop);
  }

  write(data: string | Uint8Array): void {
    if (!this.output.write(data)) this.isBehind = true;
  }

  /** Resolves when a slow reader has taken what was written, or when the run is to stop. */
  async ready(): Promise<void> {
    if (!this.isBehind) return;
    this.isBehind = false;
    await this.untilStopped.wait(this.output.drained());
  }
}
