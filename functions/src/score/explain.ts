import { type Selection, scoreRows, strangenessOf, type Tables } from './selection.js';

/** Groups told with an alert, and replaced in turn to find what would have made it normal. */
const GROUPS_TOLD = 3;

/** How much one group of features has to do with a row's strangeness. */
export interface Contribution {
  readonly group: string;
  /** Of what replacing single groups takes away, in [0, 1]. */
  readonly share: number;
  /** Index of the feature of the group that is furthest from its benign median. */
  readonly feature: number;
}

/** Why a row is strange. */
export interface Explanation {
  /** Largest first, at most three, none without a share. */
  readonly contributions: readonly Contribution[];
  /** Groups that, put back to what is usual together, bring the row under the threshold; empty if these do not. */
  readonly wouldBeNormalWith: readonly string[];
}

/** A row to be explained, under what it was judged by. */
export interface StrangeRow {
  readonly features: Float32Array;
  readonly tables: Tables;
  readonly strangeness: number;
  readonly threshold: number;
}

interface Group {
  readonly name: string;
  readonly features: readonly number[];
}

/**
 * Puts one group of features after the other to its benign median and scores again: what a group explains is by how much
 * the row becomes less strange without it. Then the strongest together, until the row is normal.
 */
export function explain(selection: Selection, strange: StrangeRow): Explanation {
  const medians = mediansOf(selection);
  const groups = groupsOf(selection).filter(({ features }) => differs(strange.features, medians, features));
  const without = strangenessWithout(
    selection,
    strange,
    groups.map((group) => [group]),
  );
  const drops = without.map((left) => Math.max(0, strange.strangeness - left));
  const total = drops.reduce((sum, drop) => sum + drop, 0);
  const ranked = groups
    .map((group, k) => ({ group, share: total > 0 ? drops[k]! / total : 0 }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share || (a.group.name < b.group.name ? -1 : 1))
    .slice(0, GROUPS_TOLD);
  const together = ranked.map((_, k) => ranked.slice(0, k + 1).map(({ group }) => group));
  const left = strangenessWithout(selection, strange, together);
  const enough = left.findIndex((strangeness) => strangeness <= strange.threshold);
  return {
    contributions: ranked.map(({ group, share }) => ({
      group: group.name,
      share,
      feature: furthest(strange.features, medians, group.features),
    })),
    wouldBeNormalWith: enough < 0 ? [] : together[enough]!.map(({ name }) => name),
  };

  /** Strangeness of the row with all features of the given groups at their medians, for each list of groups. */
  function strangenessWithout(
    { members }: Selection,
    { features, tables }: StrangeRow,
    lists: readonly (readonly Group[])[],
  ): number[] {
    const width = features.length;
    const matrix = new Float32Array(lists.length * width);
    for (const [row, list] of lists.entries()) {
      matrix.set(features, row * width);
      for (const group of list) for (const k of group.features) matrix[row * width + k] = medians[k]!;
    }
    const scores = scoreRows(selection, matrix, lists.length);
    const count = members.length;
    return lists.map((_, row) => strangenessOf(selection, tables, scores.subarray(row * count, row * count + count)));
  }
}

/** What is usual: the benign medians of the model or of its first member; 0 where it tells none. */
export function mediansOf({ manifest, members }: Selection): readonly number[] {
  return manifest.benignMedians ?? members[0]!.manifest.benignMedians ?? Array.from(manifest.features, () => 0);
}

/** The groups of the manifest; each feature for itself where it tells none. */
function groupsOf({ manifest, members }: Selection): Group[] {
  const names = manifest.features.map(({ name }) => name);
  const told = manifest.featureGroups ?? members[0]!.manifest.featureGroups;
  if (!told) return names.map((name, k) => ({ name, features: [k] }));
  return told.map(({ name, features }) => ({
    name,
    features: features.map((feature) => names.indexOf(feature)).filter((k) => k >= 0),
  }));
}

function differs(features: Float32Array, medians: readonly number[], group: readonly number[]): boolean {
  return group.some((k) => features[k] !== Math.fround(medians[k]!));
}

/** On a scale on which a byte count and a share can be compared. */
function furthest(features: Float32Array, medians: readonly number[], group: readonly number[]): number {
  let best = group[0]!;
  let most = -1;
  for (const k of group) {
    const distance = Math.abs(Math.asinh(features[k]!) - Math.asinh(medians[k]!));
    if (distance > most) {
      most = distance;
      best = k;
    }
  }
  return best;
}
