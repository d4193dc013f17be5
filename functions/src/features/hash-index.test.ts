import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashIndex } from './hash-index.js';

/** Rows under a hash, as a table would find them. */
function rowsOf(index: HashIndex, hash: number): number[] {
  const rows: number[] = [];
  for (let slot = hash & index.mask; index.slots[2 * slot + 1] !== 0; slot = (slot + 1) & index.mask)
    if (index.slots[2 * slot] === hash) rows.push(index.slots[2 * slot + 1]! - 1);
  return rows.sort((a, b) => a - b);
}

describe('a hash index', () => {
  it('finds exactly the rows that were entered and not removed, whatever collides', () => {
    // Few hashes, near each other and at the end of the slots, so that clusters form and wrap around.
    const hash = fc.constantFrom(-1, -2, 0, 1, 2, 126, 127, 255, 2 ** 31 - 1);
    const steps = fc.array(fc.record({ hash, isRemoval: fc.boolean() }), { maxLength: 120 });
    fc.assert(
      fc.property(steps, (all) => {
        const index = new HashIndex(64);
        const rows = new Map<number, number[]>();
        let next = 0;
        for (const step of all) {
          const held = rows.get(step.hash) ?? [];
          if (step.isRemoval && held.length > 0) index.remove(step.hash, held.shift()!);
          else if (next < 64) {
            index.enter(step.hash, next);
            held.push(next++);
          }
          rows.set(step.hash, held);
          for (const [known, expected] of rows) expect(rowsOf(index, known)).toEqual(expected);
        }
      }),
    );
  });
});
