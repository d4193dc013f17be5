import { describe, expect, it } from 'vitest';
import { untilOpen } from './until-open.js';

describe('an input that is opened', () => {
  const never = new Promise<object>(() => undefined);

  it('is waited for, and no longer than until it is stopped where it may block', async () => {
    const stop = new AbortController();
    const waiting = untilOpen('-', stop.signal, never);
    stop.abort();
    await expect(waiting).rejects.toThrow('stopped before standard input said anything.');
    const table = {};
    expect(await untilOpen('-', new AbortController().signal, Promise.resolve(table))).toBe(table);
  });

  it('is opened all the same where it is a file, whose summary is told then', async () => {
    const opened = {};
    const opening = new Promise<object>((resolve) => setImmediate(() => resolve(opened)));
    expect(await untilOpen(import.meta.filename, AbortSignal.abort(), opening)).toBe(opened);
  });

  it('is refused with its own words', async () => {
    const refused = Promise.reject(new Error('no capture'));
    await expect(untilOpen('-', new AbortController().signal, refused)).rejects.toThrow('no capture');
  });
});
