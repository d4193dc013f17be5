import { describe, expect, it } from 'vitest';
import { FEATURE_LIST_NAMES, FEATURE_LISTS, featuresSha256, SEQUENCE_PACKETS } from './feature-lists.js';

describe('feature lists', () => {
  it('have as many features as models were trained with', () => {
    expect(FEATURE_LISTS.flow.length).toBe(42);
    expect(FEATURE_LISTS['host-window'].length).toBe(36);
    expect(FEATURE_LISTS['flow-context'].length).toBe(42 + 42 + 7);
    expect(FEATURE_LISTS.sequence.length).toBe(2 * SEQUENCE_PACKETS);
  });

  it('begin a flow in context as a flow', () => {
    expect(FEATURE_LISTS['flow-context'].slice(0, 42)).toEqual(FEATURE_LISTS.flow);
  });

  it.each(FEATURE_LIST_NAMES)('name each feature of %s once, with unit and meaning', (name) => {
    const list = FEATURE_LISTS[name];
    expect(new Set(list.map((feature) => feature.name)).size).toBe(list.length);
    for (const { unit, meaning } of list) expect([unit.length > 0, meaning.endsWith('.')]).toEqual([true, true]);
  });

  it.each(FEATURE_LIST_NAMES)('leave out of %s what tells the data set apart rather than the attack', (name) => {
    for (const feature of FEATURE_LISTS[name]) expect(feature.name).not.toMatch(/address|portNumber|ttl|time|window$/i);
  });
});

describe('the hash of a list', () => {
  it('is that of its names and units in order', () => {
    const list = [
      { name: 'a', unit: 's' },
      { name: 'b', unit: '1' },
    ];
    // sha256 of [["a","s"],["b","1"]], by sha256sum.
    expect(featuresSha256(list)).toBe('650834e1f2c8bd39d4db72e31f7f5b277639ebce8a0a96330d2188ac2f70e0a7');
    expect(featuresSha256([...list].reverse())).not.toBe(featuresSha256(list));
  });
});
