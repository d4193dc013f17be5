/**
 * Gathers what comes and hands it on together, at most once a frame, so that a thousand messages cost one drawing. A page
 * that is not looked at has no frames: there it hands on once a second.
 */
export class FrameQueue<T> {
  #waiting: T[] = [];
  #isScheduled = false;
  readonly #take: (items: T[]) => void;
  readonly #schedule: (task: () => void) => void;

  constructor(take: (items: T[]) => void, schedule: (task: () => void) => void = nextFrame) {
    this.#take = take;
    this.#schedule = schedule;
  }

  push(item: T): void {
    this.#waiting.push(item);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#schedule(() => {
      this.#isScheduled = false;
      const items = this.#waiting;
      this.#waiting = [];
      this.#take(items);
    });
  }
}

function nextFrame(task: () => void): void {
  if (document.hidden) setTimeout(task, 1000);
  else requestAnimationFrame(task);
}
