import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowSet } from './row-set.js';

describe('a row set', () => {
  it('gives back what was added, lowest first, whatever was taken in between', () => {
    // Far apart too, so that all three levels are crossed.
    const row = fc.oneof(fc.nat(70), fc.nat(40_000), fc.integer({ min: 1_000_000, max: 1_000_100 }));
    fc.assert(
      fc.property(fc.array(fc.option(row, { nil: 'take' as const }), { maxLength: 200 }), (steps) => {
        const set = new RowSet(1_000_101);
        const model = new Set<number>();
        for (const step of steps) {
          if (step !== 'take') {
            if (!model.has(step)) set.add(step);
            model.add(step);
          } else if (model.size > 0) {
            const lowest = Math.min(...model);
            expect(set.takeLowest()).toBe(lowest);
            model.delete(lowest);
          }
          expect(set.size).toBe(model.size);
        }
        expect(set.toArray()).toEqual([...model].sort((a, b) => a - b));
      }),
    );
  });
});
