import { describe, expect, it } from 'vitest';
import { evasionTable, measure, SWEEPS, type Sweep, stepsOf } from './index.js';

const FAINTER_FLOOD = {
  detectors: ['icmp-flood'],
  kind: 'icmp-flood',
  changed: 'messages a second',
  values: [1000, 20],
  options: (packetsPerSecond) => ({ kind: 'icmp-flood', background: false, hosts: 1, packets: 3000, packetsPerSecond }),
  price: 'much',
} as const satisfies Sweep;

describe('a sweep', () => {
  it('tells which values were seen, and what the others cost', async () => {
    const measured = await measure({ ...FAINTER_FLOOD, values: [1000, 20] });
    expect(measured).toMatchObject({ told: [1000], untold: [20] });
    expect(evasionTable([measured]).split('\n')[2]).toBe('| icmp-flood | messages a second | 1,000 | 20 | much |');
    expect(evasionTable([{ ...measured, untold: [] }])).toContain('| – | – |');
  });

  it('goes through ways as through values', async () => {
    const { detectors, kind, price } = FAINTER_FLOOD;
    const ways = { strong: FAINTER_FLOOD.options(1000), weak: FAINTER_FLOOD.options(20) };
    const measured = await measure({ detectors, kind, price, changed: 'how strong it is', ways });
    expect(evasionTable([measured]).split('\n')[2]).toBe('| icmp-flood | how strong it is | strong | weak | much |');
  });

  it('has steps in one order, each once, and a price', () => {
    for (const sweep of SWEEPS) {
      const { changed, price } = sweep;
      const values = 'values' in sweep ? sweep.values : [];
      expect(
        stepsOf(sweep).some((step) => String(step).includes(',')),
        changed,
      ).toBe(false);
      const up = values.every((value, i) => i === 0 || value > values[i - 1]!);
      const down = values.every((value, i) => i === 0 || value < values[i - 1]!);
      expect(up || down, changed).toBe(true);
      expect(price).not.toBe('');
    }
  });
});
