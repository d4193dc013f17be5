import { describe, expect, it } from 'vitest';
import { ForceLayout, groupOf } from './force.js';

/** A star with its rays, and pairs beside it. */
function graph(size: number) {
  const edges = Array.from({ length: size - 1 }, (_, i) => ({ from: i % 3 === 0 ? 0 : i, to: i + 1 }));
  return { groups: Array.from({ length: size }, (_, i) => `10.0.${i % 7}`), edges };
}

function settle(layout: ForceLayout): number {
  let steps = 0;
  for (; layout.isWarm; steps++) layout.step();
  return steps;
}

describe('the layout of the topology', () => {
  it('comes to rest in a bounded number of steps, in a bounded place', () => {
    const layout = new ForceLayout(graph(200));
    expect(settle(layout)).toBeLessThan(300);
    for (const place of [...layout.x, ...layout.y]) expect(Math.abs(place)).toBeLessThan(3000);
  });

  it('is the same each time', () => {
    const [one, two] = [new ForceLayout(graph(60)), new ForceLayout(graph(60))];
    settle(one);
    settle(two);
    expect([...one.x]).toEqual([...two.x]);
  });

  it('puts no two nodes at one place', () => {
    const layout = new ForceLayout(graph(100));
    settle(layout);
    for (let i = 0; i < 100; i++) {
      for (let j = 0; j < i; j++) {
        expect(Math.hypot(layout.x[i]! - layout.x[j]!, layout.y[i]! - layout.y[j]!)).toBeGreaterThan(1);
      }
    }
  });

  it('takes one node and none', () => {
    settle(new ForceLayout({ groups: [], edges: [] }));
    const layout = new ForceLayout({ groups: ['a'], edges: [] });
    settle(layout);
    expect(Number.isFinite(layout.x[0])).toBe(true);
  });

  it('groups by network', () => {
    expect(groupOf('10.1.2.3', true)).toBe('10.1.2');
    expect(groupOf('fd00:1:2:3::4', true)).toBe('fd00:1:2');
    expect(groupOf('192.0.2.1', false)).toBe('outside');
  });
});
