import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LayoutError } from '../runtime/port.js';
import { decodeFreeRows, encodeFreeRows, trimFreeRows } from './free-rows.js';
import { ByteReader, ByteWriter } from './state-bytes.js';

describe('free rows', () => {
  it('come back as they were, save those at the end', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.uniqueArray(fc.nat(299)), (used, rows) => {
        const free = rows.filter((row) => row < used);
        const trimmed = trimFreeRows(used, free);
        const lastLive = Math.max(
          -1,
          ...Array.from({ length: used }, (_, row) => row).filter((r) => !free.includes(r)),
        );
        expect(trimmed.used).toBe(lastLive + 1);
        expect(trimmed.free).toEqual(free.filter((row) => row <= lastLive).sort((a, b) => a - b));
        const writer = new ByteWriter();
        encodeFreeRows(writer, trimmed);
        expect(decodeFreeRows(new ByteReader(writer.finish()), used)).toEqual(trimmed);
      }),
    );
  });

  it('of more rows than there may be are refused', () => {
    const writer = new ByteWriter();
    encodeFreeRows(writer, { used: 9, free: [3] });
    expect(() => decodeFreeRows(new ByteReader(writer.finish()), 8)).toThrow(LayoutError);
  });
});
