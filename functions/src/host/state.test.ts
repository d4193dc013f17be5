import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowBench } from '../flow/flow.fixture.js';
import { START_S } from '../flow/packets.fixture.js';
import { LayoutError } from '../runtime/port.js';
import { HostBench, portScan } from './host.fixture.js';

/** A scan under way, with rows that wait for a second upstream. */
const batches = new FlowBench().play(portScan(200, 20), { endS: START_S + 8 }).hostBatches;
const bench = new HostBench().send(...batches);
const { hosts, state } = bench;
const bytes = hosts.encode(state);

describe('state bytes', () => {
  it('of a partition that has seen nothing take less than six kilobytes', () => {
    expect(hosts.encode(hosts.initialState('host/0')).length).toBeLessThan(6144);
  });

  it('are the same after a restart', () => {
    expect(Buffer.from(hosts.encode(hosts.decode(bytes)))).toEqual(Buffer.from(bytes));
  });

  it('hold what waits, in batches as they come', () => {
    const waiting = new HostBench({ sensors: ['test', 'other'].map((name) => ({ name, partitions: 1 })) });
    waiting.send(...batches);
    const held = [...waiting.state.queues.values()].reduce((sum, { waitingRows }) => sum + waitingRows, 0);
    waiting.restart();
    expect([...waiting.state.queues.values()].reduce((sum, { waitingRows }) => sum + waitingRows, 0)).toBe(held);
    expect(held).toBeGreaterThan(100);
  });

  it('cut short are refused', () => {
    for (let length = 0; length < bytes.length; length += 13)
      expect(() => hosts.decode(bytes.subarray(0, length))).toThrow(LayoutError);
  });

  it('with any bit turned are refused', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const damaged = bytes.slice();
        damaged[bit >>> 3]! ^= 1 << (bit & 7);
        expect(() => hosts.decode(damaged)).toThrow(LayoutError);
      }),
    );
  });
});
