/** What the viewer chose. `system` follows the system. */
export type ThemeChoice = 'system' | 'light' | 'dark';
const CHOICES: readonly ThemeChoice[] = ['system', 'light', 'dark'];
const KEY = 'weir-theme';

/** Light or dark, kept in this browser. */
export class ThemeState {
  choice = $state<ThemeChoice>(readChoice());
  #systemIsDark = $state(false);
  readonly isDark = $derived(this.choice === 'dark' || (this.choice === 'system' && this.#systemIsDark));

  /** Follows the system's choice. Gives what ends that. */
  follow(): () => void {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const take = () => {
      this.#systemIsDark = query.matches;
    };
    take();
    query.addEventListener('change', take);
    return () => query.removeEventListener('change', take);
  }

  /** Goes to the next choice. */
  next = (): void => {
    this.choice = CHOICES[(CHOICES.indexOf(this.choice) + 1) % CHOICES.length]!;
    try {
      localStorage.setItem(KEY, this.choice);
    } catch {
      // A browser that keeps nothing still shows the theme until the page is closed.
    }
  };
}

function readChoice(): ThemeChoice {
  try {
    const kept = localStorage.getItem(KEY) as ThemeChoice | null;
    return kept && CHOICES.includes(kept) ? kept : 'system';
  } catch {
    return 'system';
  }
}
