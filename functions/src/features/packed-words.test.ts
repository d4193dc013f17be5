import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LayoutError } from '../runtime/port.js';
import { ByteReader, ByteWriter } from './state-bytes.js';

/** Mostly zeros, as state is. */
const sparse = fc.array(fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 255 })), {
  maxLength: 600,
});

function packed(value: Uint8Array): Uint8Array {
  const writer = new ByteWriter();
  writer.packed(value);
  return writer.finish();
}

describe('packed bytes', () => {
  it('come back as they were, wherever they lie in memory', () => {
    fc.assert(
      fc.property(sparse, fc.nat(7), (values, shift) => {
        const from = new Uint8Array(values.length + shift).subarray(shift);
        from.set(values);
        const into = new Uint8Array(values.length + shift).subarray(shift);
        new ByteReader(packed(from)).unpack(into);
        expect([...into]).toEqual(values);
      }),
    );
  });

  it('take a thousandth of their length where all are zero', () => {
    expect(packed(new Uint8Array(4096 * 8)).length).toBe(4 + 8 * 4);
  });

  it('take little more than their length where none is', () => {
    expect(packed(new Uint8Array(4096 * 8).fill(1)).length).toBe(4 + 8 * (4 + 32 * 4 + 4096));
  });

  it('of another length are refused', () => {
    const bytes = packed(Uint8Array.from({ length: 400 }, (_, i) => i));
    for (const length of [0, 5000, 8000])
      expect(() => new ByteReader(bytes).unpack(new Uint8Array(length))).toThrow(LayoutError);
  });
});
