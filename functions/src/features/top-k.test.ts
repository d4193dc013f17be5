import { formatAddress, parseAddress } from '@weir/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LayoutError } from '../runtime/port.js';
import { ByteReader, ByteWriter } from './state-bytes.js';
import { TOP_PEERS, TopPeers } from './top-k.js';

type Add = { address: string; weight: number };

function summaryOf(arena: TopPeers, adds: readonly Add[], handle = 0): number {
  let summary = handle;
  for (const { address, weight } of adds) {
    // An offset, as in a column of addresses.
    const bytes = new Uint8Array(48);
    bytes.set(parseAddress(address), 16);
    summary = arena.add(summary, new Uint32Array(bytes.buffer), 4, weight);
  }
  return summary;
}

function listed(arena: TopPeers, handle: number): [string, number][] {
  return arena.entries(handle).map(({ address, weight }) => [formatAddress(address), weight]);
}

function sums(adds: readonly Add[]): Map<string, number> {
  const sum = new Map<string, number>();
  for (const { address, weight } of adds) sum.set(address, (sum.get(address) ?? 0) + weight);
  return sum;
}

const addsOf = (addresses: number) =>
  fc.array(
    fc.record({
      address: fc.nat(addresses - 1).map((i) => `2001:db8:${(i % 3) + 1}:${i + 1}::7`),
      weight: fc.nat(2000),
    }),
    { maxLength: 200, size: 'max' },
  );

describe('top peers', () => {
  it('are exact up to eight addresses, in any order of adds', () => {
    fc.assert(
      fc.property(addsOf(TOP_PEERS), (adds) => {
        const arena = new TopPeers({ maxSummaries: 2 });
        const forward = arena.entries(summaryOf(arena, adds));
        expect(new Map(forward.map((e) => [formatAddress(e.address), e.weight]))).toEqual(sums(adds));
        expect(arena.entries(summaryOf(arena, [...adds].reverse()))).toEqual(forward);
        expect(forward.every((e) => e.errorWeight === 0)).toBe(true);
      }),
    );
  });

  it('never say too little, nor too much by more than the stated error', () => {
    fc.assert(
      fc.property(addsOf(40), (adds) => {
        const arena = new TopPeers({ maxSummaries: 1 });
        const truth = sums(adds);
        for (const { address, weight, errorWeight } of arena.entries(summaryOf(arena, adds))) {
          const exact = truth.get(formatAddress(address))!;
          expect(weight).toBeGreaterThanOrEqual(exact);
          expect(weight - errorWeight).toBeLessThanOrEqual(exact);
        }
      }),
    );
  });

  it('hold every address with more than an eighth of the weight', () => {
    fc.assert(
      fc.property(addsOf(40), (adds) => {
        const arena = new TopPeers({ maxSummaries: 1 });
        const names = listed(arena, summaryOf(arena, adds)).map(([address]) => address);
        const total = adds.reduce((sum, a) => sum + a.weight, 0);
        for (const [address, weight] of sums(adds)) if (weight > total / TOP_PEERS) expect(names).toContain(address);
      }),
    );
  });

  it('come heaviest first, equals in the order of their bytes', () => {
    const arena = new TopPeers({ maxSummaries: 1 });
    const adds = ['10.0.1.0', '9.0.0.2', '10.0.0.255', '192.0.2.1'].map((address) => ({ address, weight: 5 }));
    const summary = summaryOf(arena, [...adds, { address: '192.0.2.1', weight: 1 }]);
    expect(listed(arena, summary)).toEqual([
      ['192.0.2.1', 6],
      ['9.0.0.2', 5],
      ['10.0.0.255', 5],
      ['10.0.1.0', 5],
    ]);
  });

  it('a ninth address takes the place and the weight of the lightest', () => {
    const arena = new TopPeers({ maxSummaries: 1 });
    const eight = Array.from({ length: 8 }, (_, i) => ({ address: `10.0.0.${i}`, weight: 10 + i }));
    const summary = summaryOf(arena, [...eight, { address: '10.0.0.99', weight: 4 }]);
    const newcomer = arena.entries(summary).find((e) => formatAddress(e.address) === '10.0.0.99');
    expect(newcomer).toMatchObject({ weight: 14, errorWeight: 10 });
    expect(listed(arena, summary)).toHaveLength(8);
    expect(listed(arena, summary).map(([address]) => address)).not.toContain('10.0.0.0');
  });

  it('do not disturb one another, and survive encoding', () => {
    fc.assert(
      fc.property(fc.array(addsOf(8), { minLength: 1, maxLength: 6 }), (lists) => {
        const arena = new TopPeers({ maxSummaries: 7 });
        arena.release(summaryOf(arena, lists[0]!));
        const handles = lists.map((adds) => summaryOf(arena, adds));
        const writer = new ByteWriter();
        arena.encode(writer);
        const copy = TopPeers.decode(new ByteReader(writer.finish()), { maxSummaries: 7 });
        handles.forEach((handle, i) => {
          expect(new Map(listed(arena, handle))).toEqual(sums(lists[i]!));
          expect(copy.entries(handle)).toEqual(arena.entries(handle));
        });
      }),
    );
  });

  it('refuse a summary too many, count it, and use released memory again', () => {
    const arena = new TopPeers({ maxSummaries: 1 });
    const add = [{ address: '192.0.2.1', weight: 1 }];
    const first = summaryOf(arena, add);
    expect(summaryOf(arena, add)).toBe(0);
    expect(arena.overflowed).toBe(1);
    expect(arena.entries(0)).toEqual([]);
    arena.release(first);
    expect(listed(arena, summaryOf(arena, add))).toEqual([['192.0.2.1', 1]]);
    expect(() => new TopPeers({ maxSummaries: 0 })).toThrow('maxSummaries is 0');
  });

  it('leave nothing behind as they grow', () => {
    const arena = new TopPeers({ maxSummaries: 1 });
    const eight = Array.from({ length: 8 }, (_, i) => ({ address: `10.0.0.${i}`, weight: 1 }));
    arena.release(summaryOf(arena, eight));
    const before = arena.bytesUsed;
    for (let round = 0; round < 100; round++) arena.release(summaryOf(arena, eight));
    expect(arena.bytesUsed).toBe(before);
    expect(arena.summaries).toBe(0);
  });

  it('refuse bytes cut short', () => {
    const arena = new TopPeers({ maxSummaries: 1 });
    summaryOf(arena, [{ address: '192.0.2.1', weight: 1 }]);
    const writer = new ByteWriter();
    arena.encode(writer);
    const bytes = writer.finish();
    for (let length = 0; length < bytes.length; length++)
      expect(() => TopPeers.decode(new ByteReader(bytes.subarray(0, length)), { maxSummaries: 1 })).toThrow(
        LayoutError,
      );
  });
});
