import { describe, expect, it } from 'vitest';
import { KeyReader } from './keys.js';

const press = (key: string, more: object = {}) => ({
  key, ctrlKey: false, metaKey: false, altKey: false, isTyping: false, atMs: 0, ...more,
}); // biome-ignore format: a list to read

describe('keys', () => {
  it('do what the help says', () => {
    expect(new KeyReader().read(press('?'))).toEqual({ kind: 'help' });
    expect(new KeyReader().read(press('j'))).toEqual({ kind: 'step', by: 1 });
    expect(new KeyReader().read(press('x'))).toBeUndefined();
  });

  it('go to a page with g and its letter', () => {
    const keys = new KeyReader();
    expect(keys.read(press('g'))).toBeUndefined();
    expect(keys.read(press('j', { atMs: 1000 }))).toEqual({ kind: 'go', key: 'j' });
    expect(keys.read(press('j', { atMs: 1001 }))).toEqual({ kind: 'step', by: 1 });
  });

  it('forget a g that waited too long', () => {
    const keys = new KeyReader();
    keys.read(press('g'));
    expect(keys.read(press('n', { atMs: 1501 }))).toBeUndefined();
  });

  it('leave letters alone in a field, and what belongs to the browser', () => {
    expect(new KeyReader().read(press('?', { isTyping: true }))).toBeUndefined();
    expect(new KeyReader().read(press('d', { ctrlKey: true }))).toBeUndefined();
  });
});
