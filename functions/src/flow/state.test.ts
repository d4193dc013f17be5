import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LayoutError } from '../runtime/port.js';
import { FlowBench } from './flow.fixture.js';
import { START_S } from './packets.fixture.js';

const flows = (count: number) => Array.from({ length: count }, (_, k) => ({ sourcePort: 1000 + k, atS: k / count }));
const bench = () => new FlowBench().play(flows(50), { endS: START_S });

describe('state bytes', () => {
  const { flows: fn, state } = bench();
  const bytes = fn.encode(state);

  it('of a partition that has seen nothing take less than a kilobyte', () => {
    expect(fn.encode(fn.initialState('flow/test/0')).length).toBeLessThan(1024);
  });

  it('are no more than 200 bytes for a flow of one packet', () => {
    expect(bytes.length).toBeLessThan(1024 + 50 * 200);
  });

  it('of flows that are over are given back', () => {
    const over = bench().play([], { header: { sequence: 1 }, endS: START_S + 600 });
    expect(over.state.core.exports.flowsLive.value).toBe(0);
    expect(fn.encode(over.state).length).toBeLessThan(4096);
  });

  it('are the same after a restart', () => {
    expect(Buffer.from(fn.encode(fn.decode(bytes)))).toEqual(Buffer.from(bytes));
  });

  it('may lie anywhere in memory', () => {
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    expect(Buffer.from(fn.encode(fn.decode(shifted)))).toEqual(Buffer.from(bytes));
    expect(fn.decode(Buffer.from(bytes)).core.exports.flowsLive.value).toBe(50);
  });

  it('cut short are refused', () => {
    for (let length = 0; length < bytes.length; length += 11)
      expect(() => fn.decode(bytes.subarray(0, length))).toThrow(LayoutError);
  });

  it('with any bit turned are refused', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const damaged = bytes.slice();
        damaged[bit >>> 3]! ^= 1 << (bit & 7);
        expect(() => fn.decode(damaged)).toThrow(LayoutError);
      }),
    );
  });

  it('of more flows than the table may hold are refused by name', () => {
    const small = new FlowBench({ maxFlows: 16 });
    expect(() => small.flows.decode(bytes)).toThrow('maxFlows is 16');
  });

  it('of another layout are refused with both versions', () => {
    const other = bytes.slice();
    other[0] = 99;
    expect(() => fn.decode(other)).toThrow('layout 99; this version reads 3');
  });
});
