import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LayoutError } from '../runtime/port.js';
import { ByteReader, ByteWriter } from './state-bytes.js';

function writeAll(values: { u8: number; u32: number; f64: number; text: string; words: number[]; floats: number[] }) {
  const writer = new ByteWriter(1);
  writer.u8(values.u8);
  writer.words(Uint32Array.from(values.words));
  writer.string(values.text);
  writer.u32(values.u32);
  writer.floats(Float64Array.from(values.floats));
  writer.f64(values.f64);
  writer.bytes(Uint8Array.of(1, 2, 3));
  return writer.finish();
}

const sample = {
  u8: 255,
  u32: 0xffff_ffff,
  f64: -0.1,
  text: 'é\u{1F600}',
  words: [0, 7, 2 ** 32 - 1],
  floats: [1e300],
};

describe('state bytes', () => {
  it('reads back what was written, whatever lies before it', () => {
    const values = fc.record({
      u8: fc.nat(255),
      u32: fc.nat(0xffff_ffff),
      f64: fc.double(),
      text: fc.string({ unit: 'binary' }),
      words: fc.array(fc.nat(0xffff_ffff)),
      floats: fc.array(fc.double()),
    });
    fc.assert(
      fc.property(values, fc.nat(9), (value, offset) => {
        const bytes = writeAll(value);
        const shifted = new Uint8Array(bytes.length + offset);
        shifted.set(bytes, offset);
        const reader = new ByteReader(shifted.subarray(offset));
        expect(reader.u8()).toBe(value.u8);
        expect(Array.from(reader.words())).toEqual(value.words);
        expect(reader.string()).toBe(value.text);
        expect(reader.u32()).toBe(value.u32);
        expect(Array.from(reader.floats())).toEqual(value.floats);
        expect(reader.f64()).toBe(value.f64);
        expect(Array.from(reader.bytes())).toEqual([1, 2, 3]);
        reader.expectEnd();
      }),
    );
  });

  it('writes the part of a buffer that a view shows', () => {
    const writer = new ByteWriter();
    writer.words(Uint32Array.of(1, 2, 3, 4).subarray(1, 3));
    expect(Array.from(new ByteReader(writer.finish()).words())).toEqual([2, 3]);
  });

  it('is little-endian', () => {
    const writer = new ByteWriter();
    writer.u32(1);
    writer.words(Uint32Array.of(2));
    expect(Array.from(writer.finish())).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0]);
  });

  it('refuses bytes that end early, at whichever byte', () => {
    const bytes = writeAll(sample);
    for (let length = 0; length < bytes.length; length++) {
      const reader = new ByteReader(bytes.subarray(0, length));
      const readAll = () => [
        reader.u8(),
        reader.words(),
        reader.string(),
        reader.u32(),
        reader.floats(),
        reader.f64(),
        reader.bytes(),
      ];
      expect(readAll).toThrow(LayoutError);
    }
  });

  it('refuses a length beyond the bytes without allocating it', () => {
    const writer = new ByteWriter();
    writer.u32(0xffff_ffff);
    expect(() => new ByteReader(writer.finish()).floats()).toThrow(LayoutError);
  });

  it('refuses text that is no UTF-8, and bytes left over', () => {
    const writer = new ByteWriter();
    writer.bytes(Uint8Array.of(0xff));
    writer.u8(1);
    const reader = new ByteReader(writer.finish());
    expect(() => reader.string()).toThrow(LayoutError);
    expect(() => reader.expectEnd()).toThrow('1 bytes too many');
  });
});
