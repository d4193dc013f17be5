import { describe, expect, it } from 'vitest';
import { LastingKeys } from './lasting-keys.js';

interface Counted {
  panes: number;
}

/** A store of at most three keys, which are forgotten after an hour. */
function store() {
  const keys: LastingKeys<Counted> = new LastingKeys<Counted>(
    { maxKeys: 3, idleS: () => 3600, periodS: 600 },
    (entry) => {
      if (keys.isStale(entry)) entry.about.panes = 0;
      entry.about.panes++;
    },
  );
  return keys;
}

const about = (): Counted => ({ panes: 0 });

describe('keys that last', () => {
  it('count a pane once, with its earliest and latest time, whatever the order of its rows', () => {
    for (const order of [
      [5, 3, 4],
      [4, 5, 3],
    ]) {
      const keys = store();
      const one = keys.add(1, about)!;
      for (const atS of order) keys.touch(one, atS * 1e6, atS * 1e6);
      expect(keys.takeTouched()).toEqual([one]);
      expect(keys.takeTouched()).toEqual([]);
      expect(one).toMatchObject({ about: { panes: 1 }, firstUs: 3e6, lastUs: 5e6, paneFirstUs: 0 });
    }
  });

  it('are refused beyond the bound, which is counted, and find room when others are forgotten', () => {
    const keys = store();
    for (const key of [1, 2, 3]) keys.touch(keys.add(key, about)!, key * 1e9, key * 1e9);
    keys.takeTouched();
    expect(keys.add(4, about)).toBeUndefined();
    expect(keys.refused).toBe(1);
    keys.rollTo(1000 + 3601);
    expect(keys.get(1)).toBeUndefined();
    expect(keys.add(4, about)).toBeDefined();
  });

  it('begin anew after a long silence, whether time rolled meanwhile or not', () => {
    const keys = store();
    const one = keys.add(1, about)!;
    for (const atS of [10, 20, 5000]) {
      keys.touch(one, atS * 1e6, atS * 1e6);
      keys.takeTouched();
    }
    expect(one.about.panes).toBe(1);
  });

  it('may pass without being looked at, with the same times, whatever the order of the rows', () => {
    for (const order of [
      [25, 23],
      [23, 25],
    ]) {
      const keys = store();
      const one = keys.add(1, about)!;
      keys.touch(one, 10e6, 10e6);
      keys.takeTouched();
      for (const atS of order) expect(keys.pass(one, atS * 1e6, atS * 1e6)).toBe(true);
      expect(keys.takeTouched()).toEqual([]);
      expect(one).toMatchObject({ about: { panes: 1 }, firstUs: 10e6, lastUs: 25e6 });
    }
  });

  it('do not pass when they are new, touched in this pane, or begin anew', () => {
    const keys = store();
    const one = keys.add(1, about)!;
    expect(keys.pass(one, 10e6, 10e6)).toBe(false);
    keys.touch(one, 10e6, 10e6);
    expect(keys.pass(one, 10e6, 10e6)).toBe(false);
    keys.takeTouched();
    expect(keys.pass(one, 3611e6, 3611e6)).toBe(false);
    expect(one.lastUs).toBe(10e6);
  });

  it('are the same after a restart', () => {
    const keys = store();
    keys.touch(keys.add(1, about)!, 10e6, 12e6);
    keys.takeTouched();
    keys.rollTo(700);
    const again = store();
    again.restore(JSON.parse(JSON.stringify(keys.snapshot())));
    expect([...again.all]).toEqual([...keys.all]);
    expect(again.halfStartS).toBe(600);
  });
});
