import { fingerprintOf, type Selection } from './selection.js';
import { initialScoreState, type ScoreState } from './state.js';
import { carriedOver, decodeScoreState, encodeScoreState } from './state-codec.js';

/** Where what a model learned of this network outlives a run. */
export interface LearnedStore {
  /** What was kept last under this name; undefined for nothing. */
  read(name: string): Uint8Array | undefined;
  write(name: string, bytes: Uint8Array): void;
}

/** The state to begin with: what an earlier run learned with the very same model, or nothing. Throws a LayoutError for damaged bytes. */
export function rememberedState(store: LearnedStore | undefined, selection: Selection): ScoreState {
  const bytes = store?.read(selection.id);
  if (!bytes) return initialScoreState();
  const { model, state } = decodeScoreState(bytes);
  return model === fingerprintOf(selection) ? carriedOver(state) : initialScoreState();
}

/** Keeps what has been learned for the next run. */
export function keepLearned(store: LearnedStore, selection: Selection, state: ScoreState): void {
  store.write(selection.id, encodeScoreState(fingerprintOf(selection), carriedOver(state)));
}
