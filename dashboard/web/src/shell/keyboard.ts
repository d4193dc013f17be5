import type { KeyAction } from './keys.js';

/** Marks the search of a page, and the lines that `j` and `k` walk along. */
const SEARCH = '[data-search]';
const LINES = '[data-line]';

/** Carries out what the page on screen answers to. */
export function doKey(action: Extract<KeyAction, { kind: 'search' | 'step' }>): void {
  if (action.kind === 'search') {
    document.querySelector<HTMLInputElement>(SEARCH)?.focus();
    return;
  }
  const lines = [...document.querySelectorAll<HTMLElement>(LINES)];
  const at = lines.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? 0 : Math.min(lines.length - 1, Math.max(0, at + action.by));
  lines[next]?.focus();
  lines[next]?.scrollIntoView({ block: 'nearest' });
}
