import { describe, expect, it } from 'vitest';
import { didYouMean, editDistance } from './suggest.js';

describe('didYouMean', () => {
  it('counts edits as Levenshtein does', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('same', 'same')).toBe(0);
  });

  it('suggests only what is near', () => {
    expect(didYouMean('anlyze', ['analyze', 'agent'])).toBe('Did you mean analyze?');
    expect(didYouMean('foo', ['doh'])).toBe('');
    expect(didYouMean('x', ['analyze', 'agent'])).toBe('');
    expect(didYouMean('x', [])).toBe('');
  });
});
