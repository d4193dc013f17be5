import { describe, expect, it } from 'vitest';
import { AddressTable } from './address-table.js';

const wordsOf = (n: number) => Uint32Array.of(n % 3, 0, 0xffff_0000, n);

describe('a table of addresses', () => {
  it('finds each of many, with its first number, and no other', () => {
    const table = new AddressTable();
    for (let n = 0; n < 5000; n++) table.add(wordsOf(n), n);
    for (let n = 0; n < 5000; n++) table.add(wordsOf(n), 7);
    for (let n = 0; n < 5000; n++) expect(table.find(wordsOf(n))).toBe(n);
    for (let n = 5000; n < 10_000; n++) expect(table.find(wordsOf(n))).toBe(-1);
  });

  it('finds nothing when it is empty', () => {
    expect(new AddressTable().find(wordsOf(1))).toBe(-1);
  });
});
