import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FeatureRows } from './feature-rows.js';

/** Rows of two features, each full of its own number. */
function numbered(count: number): FeatureRows {
  const rows = new FeatureRows(2);
  for (let k = 0; k < count; k++) {
    const row = rows.append();
    const c = rows.keys.columns;
    for (const column of [c.timeUs, c.startUs, c.tellableS, c.sourcePort, c.destinationPort, c.protocol])
      column[row] = k;
    for (const { words } of [c.source, c.destination]) words.fill(k, row * 4, row * 4 + 4);
    rows.matrix.fill(k, row * 2, row * 2 + 2);
  }
  return rows;
}

/** All numbers of a row, of which there must be one. */
function numbersOf(rows: FeatureRows, row: number): number[] {
  const c = rows.keys.columns;
  const keys = [c.timeUs, c.startUs, c.tellableS, c.sourcePort, c.destinationPort, c.protocol].map((one) => one[row]!);
  const addresses = [c.source, c.destination].flatMap(({ words }) => [...words.subarray(row * 4, row * 4 + 4)]);
  return [...new Set([...keys, ...addresses, ...rows.features(row)])];
}

describe('rows that are kept', () => {
  it('are whole and in their order, whichever the others were', () => {
    const places = fc.uniqueArray(fc.nat(199), { maxLength: 200 }).map((some) => some.sort((a, b) => a - b));
    fc.assert(
      fc.property(places, (kept) => {
        const rows = numbered(200);
        rows.keep(kept);
        expect(Array.from({ length: rows.count }, (_, row) => numbersOf(rows, row))).toEqual(kept.map((k) => [k]));
      }),
    );
  });

  it('have others behind them that came later', () => {
    const rows = numbered(100);
    rows.keep([3, 99]);
    const row = rows.append();
    expect(row).toBe(2);
    expect(numbersOf(rows, 1)).toEqual([99]);
  });
});
