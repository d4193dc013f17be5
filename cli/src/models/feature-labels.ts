import { AddressSet } from '../eval/address-set.js';
import { type Attack, readTruth } from '../eval/truth.js';

/** An attack's packets may lie this much outside the times of the truth file. Unit: ms. */
const MARGIN_MS = 1000;

/** What a row is about, for its label. */
export interface LabelledRow {
  readonly startMs: number;
  readonly endMs: number;
  /** Addresses in text. */
  readonly source: string;
  readonly destination: string;
}

/** Labels rows by the attacks of a truth file. */
export class FeatureLabels {
  private readonly attacks: readonly Attack[];
  private readonly sets = new Map<string, AddressSet>();

  /** Throws a UsageError when `path` is no truth file. */
  constructor(path: string) {
    this.attacks = readTruth(path);
  }

  /** Label of the first attack whose time and addresses the row meets, else `benign`. */
  labelOf({ startMs, endMs, source, destination }: LabelledRow): string {
    const met = this.attacks.find(
      (attack) =>
        startMs <= attack.endMs + MARGIN_MS &&
        endMs >= attack.startMs - MARGIN_MS &&
        (this.setOf(source).meets(attack.addresses) || this.setOf(destination).meets(attack.addresses)),
    );
    return met?.label ?? 'benign';
  }

  private setOf(address: string): AddressSet {
    let set = this.sets.get(address);
    if (!set) {
      set = AddressSet.of([address]);
      this.sets.set(address, set);
    }
    return set;
  }
}
