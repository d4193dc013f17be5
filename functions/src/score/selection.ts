import { createHash } from 'node:crypto';
import type { FeatureListName, ModelManifest } from '@weir/contracts';
import type { Model } from './model.js';
import { ModelError } from './model-error.js';
import type { Registry } from './registry.js';
import { type Tail, tailOf } from './tail.js';

/** How members are joined: the mean of their tail probabilities, the least, or the geometric mean (Fisher 1925). */
type Combination = NonNullable<ModelManifest['combine']>;

/** One model in use, or a fusion with its members: all that scores rows of one list. */
export interface Selection {
  readonly id: string;
  readonly list: FeatureListName;
  readonly manifest: ModelManifest;
  readonly members: readonly Model[];
  /** Of a fusion: how the members' tail probabilities become one. */
  readonly combine: Combination;
  readonly isFusion: boolean;
  /** As it was trained. */
  readonly factory: Tables;
}

/** How rare scores are: the tail of each member, and that of their combination where there are several. */
export interface Tables {
  readonly members: readonly Tail[];
  /** Tail of −log10 of the combined tail probability. */
  readonly combined: Tail | undefined;
}

/** Loads a model or fusion. Rejects with a ModelError that names what is wrong. */
export async function selectModel(registry: Registry, id: string): Promise<Selection> {
  return openSelection(registry, id);
}

/** Loads a model or fusion, at once. Throws a ModelError that names what is wrong. */
export function openSelection(registry: Registry, id: string): Selection {
  const manifest = registry.manifest(id);
  const isFusion = manifest.kind === 'fusion';
  const members = (manifest.members ?? [id]).map((member) => registry.open(member));
  for (const { manifest: member } of members)
    if (member.list !== manifest.list)
      throw new ModelError(id, `its member "${member.id}" scores ${member.list}, and it ${manifest.list}.`);
  return {
    id,
    list: manifest.list,
    manifest,
    members,
    combine: manifest.combine ?? 'mean',
    isFusion,
    factory: {
      members: members.map((member) => tailOf(member.manifest.calibration)),
      combined: isFusion ? tailOf(manifest.calibration) : undefined,
    },
  };
}

/** Loads several, at most one for each feature list. Rejects with a ModelError. */
export async function selectModels(registry: Registry, ids: readonly string[]): Promise<Selection[]> {
  return openSelections(registry, ids);
}

/** Loads several, at most one for each feature list, at once. Throws a ModelError. */
export function openSelections(registry: Registry, ids: readonly string[]): Selection[] {
  const selections: Selection[] = [];
  for (const id of ids) {
    const selection = openSelection(registry, id);
    const other = selections.find(({ list }) => list === selection.list);
    if (other) throw new ModelError(id, `"${other.id}" already scores ${other.list}. Choose one of them.`);
    selections.push(selection);
  }
  return selections;
}

/** Scores of all members, row by row: `[row × members + member]`. Throws a ModelError. */
export function scoreRows({ members }: Selection, matrix: Float32Array, rows: number): Float64Array {
  const scores = new Float64Array(rows * members.length);
  for (const [m, member] of members.entries()) {
    const own = member.score(matrix, rows);
    for (let row = 0; row < rows; row++) scores[row * members.length + m] = own[row]!;
  }
  return scores;
}

const STEPS = 10_000;
/** A combined tail probability is no less: logarithms must stay numbers. */
const LEAST = 1e-12;

/** −log10 of the tail probability of a row, in steps of 1e-4: 3 is a row as rare as one benign row in a thousand. */
export function strangenessOf(selection: Selection, tables: Tables, scores: ArrayLike<number>): number {
  const p = tables.combined
    ? tables.combined.probability(combinedScore(selection, tables.members, scores))
    : tables.members[0]!.probability(scores[0]!);
  return decades(p);
}

/** The score of a fusion: −log10 of its members' tail probabilities combined, in steps of 1e-4. */
export function combinedScore({ combine }: Selection, members: readonly Tail[], scores: ArrayLike<number>): number {
  const add = ADDED[combine];
  let sum = add.start;
  for (let m = 0; m < members.length; m++) sum = add.next(sum, members[m]!.probability(scores[m]!));
  return decades(add.end(sum, members.length));
}

/** How one share after the other becomes one. */
interface Addition {
  readonly start: number;
  next(sum: number, p: number): number;
  end(sum: number, count: number): number;
}

const ADDED: Readonly<Record<Combination, Addition>> = {
  mean: { start: 0, next: (sum, p) => sum + p, end: (sum, count) => sum / count },
  max: { start: 1, next: Math.min, end: (least) => least },
  fisher: { start: 0, next: (sum, p) => sum + Math.log(p), end: (sum, count) => Math.exp(sum / count) },
};

/** Of all that scores and their calibration depend on: what was learned of one model says nothing of another. */
export function fingerprintOf({ id, manifest, members }: Selection): string {
  const graphs = members.map(({ manifest: { digest, featuresSha256 } }) => [digest?.modelSha256, featuresSha256]);
  return createHash('sha256')
    .update(JSON.stringify([id, manifest.featuresSha256, manifest.combine, graphs]))
    .digest('hex');
}

function decades(p: number): number {
  return Math.round(-Math.log10(Math.max(p, LEAST)) * STEPS) / STEPS || 0;
}
