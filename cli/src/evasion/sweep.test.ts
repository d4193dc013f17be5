import { describe, expect, it } from 'vitest';
import { evasionTable, measure, SWEEPS, type Sweep } from './index.js';

const FAINTER_FLOOD: Sweep = {
  detectors: ['icmp-flood'],
  kind: 'icmp-flood',
  changed: 'messages a second',
  values: [1000, 20],
  options: (packetsPerSecond) => ({ kind: 'icmp-flood', background: false, hosts: 1, packets: 3000, packetsPerSecond }),
  price: 'much',
};

describe('a sweep', () => {
  it('tells which values were seen, and what the others cost', async () => {
    const measured = await measure({ ...FAINTER_FLOOD, values: [1000, 20] });
    expect(measured).toMatchObject({ told: [1000], untold: [20] });
    expect(evasionTable([measured]).split('\n')[2]).toBe('| icmp-flood | messages a second | 1,000 | 20 | much |');
    expect(evasionTable([{ ...measured, untold: [] }])).toContain('| – | – |');
  });

  it('has values in one order, each once, and a price', () => {
    for (const { changed, values, price } of SWEEPS) {
      const up = values.every((value, i) => i === 0 || value > values[i - 1]!);
      const down = values.every((value, i) => i === 0 || value < values[i - 1]!);
      expect(up || down, changed).toBe(true);
      expect(price).not.toBe('');
    }
  });
});
