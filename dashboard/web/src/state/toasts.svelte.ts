/** A short word about what was done, or was not. */
export interface Toast {
  readonly id: number;
  readonly kind: 'done' | 'failed';
  readonly text: string;
}

const SHOWN_MS = 6000;

/** Short words at the corner of the page; also read out. A refusal stays until it is closed. */
export class ToastState {
  items = $state.raw<readonly Toast[]>([]);
  #next = 0;

  done(text: string): void {
    const { id } = this.#add('done', text);
    setTimeout(() => this.close(id), SHOWN_MS);
  }

  failed(error: unknown): void {
    this.#add('failed', error instanceof Error ? error.message : String(error));
  }

  close(id: number): void {
    this.items = this.items.filter((toast) => toast.id !== id);
  }

  #add(kind: Toast['kind'], text: string): Toast {
    const toast: Toast = { id: this.#next++, kind, text };
    this.items = [...this.items.slice(-3), toast];
    return toast;
  }
}
