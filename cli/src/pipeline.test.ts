import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRawPackets, type PacketSource } from '@weir/capture-agent';
import { describe, expect, it } from 'vitest';
import { blocksOf } from './pipeline.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** A source with a block of nothing for each `true` that `read` gives. */
const sourceOf = (read: () => Promise<boolean>) => ({ read }) as unknown as PacketSource;

describe('the blocks of a source', () => {
  const block = createRawPackets(1);

  it('leave nothing behind, as a live sensor reads for months', async () => {
    let left = 200_000;
    const source = sourceOf(async () => left-- > 0);
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const { signal } = new AbortController();
    for await (const _ of blocksOf(source, block, signal));
    collectGarbage();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(10e6);
    expect(signal.aborted).toBe(false);
  });

  it('end when they are stopped, though the next packet never comes', async () => {
    const stop = new AbortController();
    let reads = 0;
    const source = sourceOf(() => (reads++ === 0 ? Promise.resolve(true) : new Promise(() => undefined)));
    let blocks = 0;
    for await (const _ of blocksOf(source, block, stop.signal)) {
      blocks++;
      setImmediate(() => stop.abort());
    }
    expect(blocks).toBe(1);
  });

  it('reject with what reading rejects with', async () => {
    const source = sourceOf(() => Promise.reject(new Error('the card is gone')));
    const read = async () => {
      for await (const _ of blocksOf(source, block, new AbortController().signal));
    };
    await expect(read()).rejects.toThrow('the card is gone');
  });
});
