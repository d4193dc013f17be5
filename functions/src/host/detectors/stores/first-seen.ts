import { emptyEntry, type LastingEntry, LastingKeys } from './lasting-keys.js';

/** Something that belongs to a scope: a device to a network, a destination to a network, a program to a host. */
export interface Sighting extends LastingEntry {
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
      if (entry.firstUs !== 0 || entry.key === entry.scope || this.refused > 0) return;
      const scope = this.get(entry.scope);
      const knownUs = scope === undefined || scope.firstUs === 0 ? 0 : entry.paneFirstUs - scope.firstUs;
      entry.isNew = knownUs >= learnS * 1e6;
    });
  }

  /** Notes that the thing `key` of the scope was seen. `describe` is called when it is not known. */
  see(key: number, scope: number, timeUs: number, describe: () => SightingText): Sighting | undefined {
    const scopeEntry = this.get(scope) ?? this.add(() => sighting(scope, scope, UNKNOWN));
    if (scopeEntry) this.note(scopeEntry, timeUs);
    const entry = this.get(key) ?? this.add(() => sighting(key, scope, describe()));
    if (entry) this.note(entry, timeUs);
    return entry;
  }

  private note(entry: Sighting, timeUs: number): void {
    if (entry.isNew || !this.pass(entry, timeUs, timeUs)) this.touch(entry, timeUs, timeUs);
  }
}

function sighting(key: number, scope: number, text: SightingText): Sighting {
  return { ...emptyEntry(key), scope, ...text, isNew: false, bytes: 0 };
}
