/** A scored row with its label; `benign` or the name of an attack. */
export interface LabelledScore {
  readonly label: string;
  readonly strangeness: number;
}

/** False alarms for each benign row at which recall is told. */
export const FALSE_RATE = 0.001;

/** How well a model tells labelled rows apart. */
export interface RowMetrics {
  readonly benignRows: number;
  readonly attackRows: number;
  /** Area under the ROC curve, ties counted half; NaN without benign or attack rows. */
  readonly rocArea: number;
  /** Average precision: area under the precision-recall curve; NaN without attack rows. */
  readonly averagePrecision: number;
  /** Strangeness that at most one in a thousand benign rows exceeds, and the share that does. */
  readonly threshold: number;
  readonly falseRate: number;
  /** Share of the rows of each attack above that threshold, by label, in order of label. */
  readonly recalls: readonly { readonly label: string; readonly rows: number; readonly recall: number }[];
  /** Mean over the attacks. */
  readonly meanRecall: number;
}

/** The figures of scored rows. */
export function rowMetrics(rows: readonly LabelledScore[]): RowMetrics {
  const benign = rows.filter(({ label }) => label === 'benign').map(({ strangeness }) => strangeness);
  const attacks = rows.filter(({ label }) => label !== 'benign');
  const threshold = thresholdAt(benign, FALSE_RATE);
  const recalls = [...new Set(attacks.map(({ label }) => label))].sort().map((label) => {
    const own = attacks.filter((row) => row.label === label);
    const caught = own.filter(({ strangeness }) => strangeness > threshold).length;
    return { label, rows: own.length, recall: caught / own.length };
  });
  return {
    benignRows: benign.length,
    attackRows: attacks.length,
    ...areas(rows),
    threshold,
    falseRate: benign.filter((strangeness) => strangeness > threshold).length / Math.max(1, benign.length),
    recalls,
    meanRecall: recalls.reduce((sum, { recall }) => sum + recall, 0) / recalls.length,
  };
}

/** The value that no more than this share of `values` exceeds. */
function thresholdAt(values: readonly number[], share: number): number {
  const falling = [...values].sort((a, b) => b - a);
  return falling[Math.floor(share * falling.length)] ?? 0;
}

/** One walk down the rows from the strangest, rows of one score together. */
function areas(rows: readonly LabelledScore[]): { rocArea: number; averagePrecision: number } {
  const falling = [...rows].sort((a, b) => b.strangeness - a.strangeness);
  const attacks = rows.filter(({ label }) => label !== 'benign').length;
  const benign = rows.length - attacks;
  let [hits, misses, roc, precision] = [0, 0, 0, 0];
  for (let from = 0; from < falling.length; ) {
    let to = from;
    let ownHits = 0;
    for (; to < falling.length && falling[to]!.strangeness === falling[from]!.strangeness; to++)
      if (falling[to]!.label !== 'benign') ownHits++;
    const ownMisses = to - from - ownHits;
    roc += ownMisses * (hits + ownHits / 2);
    hits += ownHits;
    misses += ownMisses;
    precision += (ownHits * hits) / (hits + misses);
    from = to;
  }
  return { rocArea: roc / (attacks * benign), averagePrecision: precision / attacks };
}
