/**
 * Waits for one thing after the other, each no longer than until `stop` is aborted. A race with one promise that lasts as long
 * as the run would do the same and keep 300 bytes of every round, which in months of a live sensor are gigabytes.
 */
export class UntilStopped {
  private end: () => void = () => undefined;

  constructor(private readonly stop: AbortSignal | undefined) {
    stop?.addEventListener('abort', () => this.end(), { once: true });
  }

  /** What `work` gives; undefined once it is stopped. Call again only when the one before has come to its end. */
  wait<T>(work: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.end = () => resolve(undefined);
      if (this.stop?.aborted) this.end();
      work.then(resolve, reject);
    });
  }
}
