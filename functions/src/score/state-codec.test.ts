import { beforeAll, describe, expect, it } from 'vitest';
import { LayoutError } from '../runtime/port.js';
import { type LearnedStore, Registry, type Selection, selectModel } from './index.js';
import { keepLearned, rememberedState } from './learned-store.js';
import { initialScoreState, type ScoreState } from './state.js';
import { carriedOver, decodeScoreState, encodeScoreState } from './state-codec.js';
import { calibrationOf, tailOf } from './tail.js';
import { TinyRegistry, tinyGraph, weightsOf } from './tiny-model.fixture.js';

/** A state in which nothing is empty. */
function fullState(): ScoreState {
  const tail = () => tailOf(calibrationOf(Float64Array.from({ length: 900 }, (_, k) => ((k * 37) % 900) / 90)));
  const row = { hash: 7, source: 1, destination: 4_000_000_000, slotS: 600, scores: [0.25, -3] };
  return {
    ...initialScoreState(),
    slotS: 1_700_000_400,
    slots: 12,
    said: new Map([[5, 2.5]]),
    strangest: new Map([
      [9, 0.5],
      [2, 1],
    ]),
    slotSample: [row, { ...row, hash: 8 }],
    sample: [row],
    cleanRows: 1700,
    learned: {
      tables: { members: [tail(), tail()], combined: tail() },
      cells: { observedDays: 0.5, strangest: [4, 3] },
      threshold: 4.5,
      anchor: 4,
      raisedBy: 0.05,
    },
    alarmsSince: 3,
    slotsSince: 4,
    accused: new Map([[11, 1_700_000_900]]),
    drift: { reference: Float64Array.of(1, 2), recent: Float64Array.of(0.9, 0) },
    counters: { rows: 2000, alarms: 5, toldByRules: 6, alarmsHeldBack: 7 },
  };
}

/** Without functions, which no two states share. */
const plain = (state: ScoreState) =>
  JSON.parse(JSON.stringify({ ...state, maps: [state.said, state.strangest].map((m) => [...m]) }));

let selection: Selection;
beforeAll(async () => {
  const graph = tinyGraph({ weights: weightsOf('flow', { durationS: 1 }) });
  selection = await selectModel(new Registry(new TinyRegistry().add('tiny', graph).folder), 'tiny');
});

class MemoryStore implements LearnedStore {
  readonly kept = new Map<string, Uint8Array>();
  read = (name: string) => this.kept.get(name);
  write = (name: string, bytes: Uint8Array) => void this.kept.set(name, bytes);
}

describe('score state as bytes', () => {
  it('holds all of it, and says scores to be as rare as before', () => {
    const state = fullState();
    const { model, state: read } = decodeScoreState(encodeScoreState('m', state));
    expect(model).toBe('m');
    expect(plain(read)).toEqual(plain(state));
    expect(read.accused).toEqual(state.accused);
    for (const score of [0, 3.3, 9.99, 40])
      expect(read.learned!.tables.combined!.probability(score)).toBe(
        state.learned!.tables.combined!.probability(score),
      );
  });

  it('of nothing learned is nothing learned', () => {
    const { state } = decodeScoreState(encodeScoreState('m', initialScoreState()));
    expect(state).toEqual(initialScoreState());
  });

  it('is the same each time', () => {
    expect(encodeScoreState('m', fullState())).toEqual(encodeScoreState('m', fullState()));
  });

  it('that is damaged or cut short is refused', () => {
    const bytes = encodeScoreState('m', fullState());
    expect(() => decodeScoreState(bytes.subarray(0, bytes.length - 4))).toThrow(LayoutError);
    bytes[40]! ^= 1;
    expect(() => decodeScoreState(bytes)).toThrow('damaged');
  });
});

describe('what a run leaves to the next', () => {
  it('is what was learned, and nothing of the ten minutes under way', () => {
    const { learned, sample, cleanRows, slotS, said, accused, counters } = carriedOver(fullState());
    expect([learned?.threshold, sample.length, cleanRows]).toEqual([4.5, 1, 1700]);
    expect([slotS, said.size, accused.size, counters.rows]).toEqual([-1, 0, 0, 0]);
  });

  it('is known again by the same model', () => {
    const store = new MemoryStore();
    keepLearned(store, selection, fullState());
    expect(rememberedState(store, selection).learned!.threshold).toBe(4.5);
  });

  it('is nothing to another model of the same name', async () => {
    const store = new MemoryStore();
    keepLearned(store, selection, fullState());
    const graph = tinyGraph({ weights: weightsOf('flow', { durationS: 2 }) });
    const tiny = new TinyRegistry().add('tiny', graph, { digest: { modelSha256: '00'.repeat(32) } });
    const manifest = new Registry(tiny.folder).manifest('tiny');
    const other = { ...selection, manifest, members: [{ ...selection.members[0]!, manifest }] };
    expect(rememberedState(store, other)).toEqual(initialScoreState());
  });
});
