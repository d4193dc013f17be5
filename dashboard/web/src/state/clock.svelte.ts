/** The time by the viewer's clock, one step a second. */
export class ClockState {
  nowMs = $state(Date.now());

  /** Begins to tick. Gives what ends that. */
  start(): () => void {
    const timer = setInterval(() => {
      this.nowMs = Date.now();
    }, 1000);
    return () => clearInterval(timer);
  }
}
