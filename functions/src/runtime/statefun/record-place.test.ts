import { describe, expect, it } from 'vitest';
import { withoutPlace } from './record-place.js';

/** A value followed by its place, as the ingress hands it on. */
function placed(value: Uint8Array, partition: number, offset: bigint, mark = 0x574b5001): Uint8Array {
  const place = Buffer.alloc(16);
  place.writeUInt32BE(mark, 0);
  place.writeUInt32BE(partition, 4);
  place.writeBigUInt64BE(offset, 8);
  return Buffer.concat([value, place]);
}

describe('a record', () => {
  it.each([[''], ['x'], ['a value longer than a place']])('%j is told from its place', (text) => {
    const { bytes, place } = withoutPlace(placed(Buffer.from(text), 11, 2n ** 60n));
    expect(Buffer.from(bytes).toString()).toBe(text);
    expect(place).toEqual({ partition: 11, offset: '1152921504606846976' });
  });

  it('without a place is left as it is', () => {
    for (const value of [new Uint8Array(), new Uint8Array(15), new Uint8Array(40), placed(Buffer.from('x'), 1, 1n, 7)])
      expect(withoutPlace(value)).toEqual({ bytes: value, place: undefined });
  });
});
