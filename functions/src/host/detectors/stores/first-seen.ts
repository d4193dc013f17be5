import { type LastingEntry, LastingKeys } from './lasting-keys.js';

/** Something that belongs to a scope: a device to a network, a destination to a network, a program to a host. */
export interface Sighting {
  /** Key of the scope's own entry; that of a scope is its own. */
  scope: number;
  /** Who, what, and more about it, in text. */
  who: string;
  what: string;
  detail: string;
  port: number;
  /** Came when the scope had been known for long enough, and was not told yet. */
  isNew: boolean;
  /** Bytes seen with it, where the detector counts them. */
  bytes: number;
}

export type SightingEntry = LastingEntry<Sighting>;

/** What is said of a thing when it is seen. */
export type SightingText = Pick<Sighting, 'who' | 'what' | 'detail' | 'port'>;

const UNKNOWN: SightingText = { who: '', what: '', detail: '', port: 0 };

/** How long a scope is learnt before anything in it counts as new, and how long things are remembered. Unit: s. */
export interface Learning {
  maxKeys: number;
  learnS: number;
  rememberS: number;
}

/**
 * Which things have been seen in which scope, to tell when one is seen for the first time though its scope has been
 * known for long. When there is no room for all of what was learnt, nothing is told as new: it might be what was refused.
 */
export class FirstSeen extends LastingKeys<Sighting> {
  constructor({ maxKeys, learnS, rememberS }: Learning) {
    super({ maxKeys, idleS: () => rememberS, periodS: 86_400 }, (entry) => {
      if (this.isStale(entry)) entry.firstUs = 0;
      if (entry.firstUs !== 0 || entry.key === entry.about.scope || this.refused > 0) return;
      const scope = this.get(entry.about.scope);
      const knownUs = scope === undefined || scope.firstUs === 0 ? 0 : entry.paneFirstUs - scope.firstUs;
      entry.about.isNew = knownUs >= learnS * 1e6;
    });
  }

  /** Notes that the thing `key` of the scope was seen. `describe` is called when it is not known. */
  see(key: number, scope: number, timeUs: number, describe: () => SightingText): SightingEntry | undefined {
    const scopeEntry = this.get(scope) ?? this.add(scope, () => sighting(scope, UNKNOWN));
    if (scopeEntry) this.note(scopeEntry, timeUs);
    const entry = this.get(key) ?? this.add(key, () => sighting(scope, describe()));
    if (entry) this.note(entry, timeUs);
    return entry;
  }

  private note(entry: SightingEntry, timeUs: number): void {
    if (entry.about.isNew || !this.pass(entry, timeUs, timeUs)) this.touch(entry, timeUs, timeUs);
  }
}

function sighting(scope: number, { who, what, detail, port }: SightingText): Sighting {
  return { scope, who, what, detail, port, isNew: false, bytes: 0 };
}
