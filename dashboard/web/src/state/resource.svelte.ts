import { ApiFailure } from '../api/client.js';

/** Something asked of the server: what came last stays shown while the next is on its way. */
export class Resource<T> {
  /** Undefined until the first answer. */
  value = $state.raw<T | undefined>();
  /** Why the last question failed; undefined when it did not. */
  failure = $state.raw<ApiFailure | undefined>();
  isLoading = $state(false);
  #abort: AbortController | undefined;
  #last: ((signal: AbortSignal) => Promise<T>) | undefined;

  /** Asks. An older question that is not answered yet is given up. */
  async load(ask: (signal: AbortSignal) => Promise<T>): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#last = ask;
    this.isLoading = true;
    try {
      const value = await ask(abort.signal);
      if (abort.signal.aborted) return;
      this.value = value;
      this.failure = undefined;
    } catch (error) {
      if (abort.signal.aborted) return;
      this.failure = asFailure(error);
    }
    this.isLoading = false;
  }

  /** Asks the last question again. */
  reload = (): Promise<void> => (this.#last ? this.load(this.#last) : Promise.resolve());
}

/** Any error as one that can be shown. */
export function asFailure(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  return new ApiFailure(
    0,
    `Something in this page went wrong: ${(error as Error)?.message ?? error}. Reload the page.`,
  );
}
