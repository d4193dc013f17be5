import { describe, expect, it } from 'vitest';
import { LayoutError } from '../port.js';
import { FrameWriter, readFrame, StateCache } from './state-cache.js';

const encoded = Uint8Array.of(1, 2, 3);

describe('a frame', () => {
  it('gives back what was put in, and its tag', () => {
    const { tag, framed } = new FrameWriter().write(encoded);
    expect(readFrame(framed)).toEqual({ tag, settings: Buffer.alloc(0), bytes: Buffer.from(encoded) });
  });

  it('has a tag of its own even for the same bytes, in one process and between two', () => {
    const [one, two] = [new FrameWriter(), new FrameWriter()];
    const tags = [one.write(encoded), one.write(encoded), two.write(encoded), two.write(encoded)].map(({ tag }) => tag);
    expect(new Set(tags).size).toBe(4);
  });

  it('is refused when it is short or begins otherwise', () => {
    const { framed } = new FrameWriter().write(new Uint8Array());
    expect(readFrame(framed).bytes.length).toBe(0);
    for (let length = 0; length < framed.length; length++)
      expect(() => readFrame(framed.subarray(0, length))).toThrow(LayoutError);
    for (let at = 0; at < 4; at++) {
      const other = framed.slice();
      other[at]! ^= 1;
      expect(() => readFrame(other)).toThrow(LayoutError);
    }
  });
});

describe('the cache', () => {
  const released: string[] = [];
  const entry = (tag: string, encodedBytes = 0) => ({
    ...{ tag, state: { tag }, encodedBytes },
    release: () => released.push(tag),
  });

  it('gives a state once, for the tag it was put in with', () => {
    const cache = new StateCache(1e9);
    cache.put('host/0', entry('a'));
    expect(cache.take('host/0', 'a')).toEqual({ tag: 'a' });
    expect(cache.take('host/0', 'a')).toBeUndefined();
  });

  it('forgets a state when other bytes come', () => {
    const cache = new StateCache(1e9);
    cache.put('host/0', entry('b'));
    released.length = 0;
    expect(cache.take('host/0', 'a')).toBeUndefined();
    expect(cache.take('host/0', 'b')).toBeUndefined();
    expect(released).toEqual(['b']);
  });

  it('counts a state once that is put in again before it was taken, as where a first call is repeated', () => {
    const cache = new StateCache(6e6);
    released.length = 0;
    for (const tag of ['a', 'b', 'c']) cache.put('host/0', entry(tag, 900_000));
    expect(released).toEqual(['a', 'b']);
    for (const address of ['host/1', 'host/2']) cache.put(address, entry('d', 900_000));
    expect(cache.size).toBe(3);
    expect(cache.take('host/0', 'c')).toEqual({ tag: 'c' });
  });

  it('keeps no more than its bytes, the latest', () => {
    const cache = new StateCache(6e6);
    for (let n = 0; n < 10; n++) cache.put(`host/${n}`, entry('a', 900_000));
    expect(cache.size).toBe(3);
    expect(cache.take('host/6', 'a')).toBeUndefined();
    expect(cache.take('host/7', 'a')).toBeDefined();
    cache.put('host/7', entry('b', 8e6));
    expect(cache.take('host/7', 'b')).toBeUndefined();
    expect(new StateCache(0).size).toBe(0);
  });
});
