/** What a key press asks for. */
export type KeyAction =
  | { readonly kind: 'go'; readonly key: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'search' }
  | { readonly kind: 'step'; readonly by: 1 | -1 }
  | { readonly kind: 'theme' };

/** What is looked at of a key press. */
export interface Press {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  /** Whether it goes into a field, where letters are letters. */
  readonly isTyping: boolean;
  readonly atMs: number;
}

/** Shortcuts as the help lists them. */
export const SHORTCUTS: readonly { readonly keys: readonly string[]; readonly does: string }[] = [
  { keys: ['?'], does: 'Show this help' },
  { keys: ['/'], does: 'Go to the search of the page' },
  { keys: ['j', 'k'], does: 'Next and previous line of a list' },
  { keys: ['Enter'], does: 'Open the line' },
  { keys: ['d'], does: 'Switch between light, dark and the system’s colours' },
  { keys: ['Esc'], does: 'Close a dialog' },
];

/** Between `g` and the letter of a page. */
const CHORD_MS = 1500;

/** Turns key presses into actions; remembers only a `g` that waits for its letter. */
export class KeyReader {
  #chordAtMs = Number.NEGATIVE_INFINITY;

  read(press: Press): KeyAction | undefined {
    if (press.isTyping || press.ctrlKey || press.metaKey || press.altKey) return undefined;
    const isChord = press.atMs - this.#chordAtMs <= CHORD_MS;
    this.#chordAtMs = press.key === 'g' ? press.atMs : Number.NEGATIVE_INFINITY;
    if (press.key === 'g') return undefined;
    if (isChord && /^[a-z]$/.test(press.key)) return { kind: 'go', key: press.key };
    return SINGLE[press.key];
  }
}

const SINGLE: Readonly<Record<string, KeyAction>> = {
  '?': { kind: 'help' },
  '/': { kind: 'search' },
  j: { kind: 'step', by: 1 },
  k: { kind: 'step', by: -1 },
  d: { kind: 'theme' },
};
