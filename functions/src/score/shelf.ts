import type { Registry } from './registry.js';
import { fingerprintOf, openSelection, type Selection } from './selection.js';

/** Models that were loaded from a registry, each once. */
export class Shelf {
  private readonly loaded = new Map<string, { fingerprint: string; selection: Selection }>();

  constructor(private readonly registry: Registry) {}

  /** The model as it is in the registry now: the one that is loaded already, where it has not changed. Throws a ModelError. */
  open(id: string): Selection {
    const selection = openSelection(this.registry, id);
    const fingerprint = fingerprintOf(selection);
    const before = this.loaded.get(id);
    if (before?.fingerprint === fingerprint) return before.selection;
    this.loaded.set(id, { fingerprint, selection });
    return selection;
  }

  /** The model with this fingerprint where it is loaded, else as it is in the registry now. Throws a ModelError. */
  get(id: string, fingerprint: string): Selection {
    const loaded = this.loaded.get(id);
    return loaded?.fingerprint === fingerprint ? loaded.selection : this.open(id);
  }
}
