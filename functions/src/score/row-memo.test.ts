import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RowKinds, RowMemo } from './row-memo.js';
import type { Selection } from './selection.js';

/** Two members: one gives the first feature, the other ten times the second; each row that they see is counted. */
function countingSelection() {
  const seen = { rows: 0 };
  const member = (at: number, factor: number) => ({
    score: (matrix: Float32Array, rows: number) => {
      seen.rows += at === 0 ? rows : 0;
      return Float64Array.from({ length: rows }, (_, row) => matrix[2 * row + at]! * factor);
    },
  });
  const manifest = { features: [{}, {}] };
  return { selection: { manifest, members: [member(0, 1), member(1, 10)] } as unknown as Selection, seen };
}

const matrixOf = (rows: readonly (readonly number[])[]) => Float32Array.from(rows.flat());
/** Scores row by row. */
const byRow = ({ of, scores }: RowKinds, rows: number) =>
  Array.from({ length: 2 * rows }, (_, k) => scores[2 * of[k >>> 1]! + (k & 1)]!);
const scored = (rows: readonly (readonly number[])[]) => rows.flatMap(([a, b]) => [a!, 10 * b!]);

describe('scores of rows that are remembered', () => {
  it('are those of the models, whatever came before', () => {
    const small = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 3 }));
    fc.assert(
      fc.property(fc.array(fc.array(small, { maxLength: 60 }), { maxLength: 6 }), (batches) => {
        const memo = new RowMemo(countingSelection().selection);
        for (const rows of batches)
          expect(byRow(memo.score(matrixOf(rows), rows.length), rows.length)).toEqual(scored(rows));
      }),
    );
  });

  it('are asked for once for equal rows, in one batch and in several', () => {
    const { selection, seen } = countingSelection();
    const memo = new RowMemo(selection);
    const flood = Array.from({ length: 500 }, () => [7, 1]);
    memo.score(matrixOf(flood), 500);
    const { count, of, firstRows } = memo.score(matrixOf([...flood, [8, 1]]), 501);
    expect(seen.rows).toBe(2);
    expect({ count, last: of[500], first: [...firstRows.subarray(0, 2)] }).toEqual({
      count: 2,
      last: 1,
      first: [0, 500],
    });
  });

  it('are not those of rows whose bits differ: what is not told, and minus zero', () => {
    const { selection, seen } = countingSelection();
    const memo = new RowMemo(selection);
    const rows = [[0, 1], [-0, 1], [Number.NaN, 1], [Number.NaN, 1]]; // biome-ignore format: a row a pair
    expect(byRow(memo.score(matrixOf(rows), 4), 4)[4]).toBeNaN();
    expect(seen.rows).toBe(3);
  });

  it('are right for more distinct rows than are remembered', () => {
    const memo = new RowMemo(countingSelection().selection);
    const rows = Array.from({ length: 10_000 }, (_, k) => [k, 1]);
    for (let round = 0; round < 2; round++)
      expect(byRow(memo.score(matrixOf(rows), rows.length), rows.length)).toEqual(scored(rows));
  });
});
