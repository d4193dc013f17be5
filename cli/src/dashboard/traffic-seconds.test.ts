import { fileURLToPath } from 'node:url';
import { createCaptureFileSource, Decoder } from '@weir/capture-agent';
import type { TrafficSecond } from '@weir/dashboard-server';
import { describe, expect, it } from 'vitest';
import { runAgent } from '../pipeline.js';
import { TrafficSeconds } from './traffic-seconds.js';

const CAPTURE = fileURLToPath(new URL('../../../testdata/port-scan/capture.pcap.gz', import.meta.url));

/** What is told last of each second, when it is asked after each `askEach`-th batch of so many packets. */
async function secondsOf(maxBatchPackets: number, askEach: number): Promise<TrafficSecond[]> {
  const seconds = new TrafficSeconds();
  const told = new Map<number, TrafficSecond>();
  const take = () => seconds.take().forEach((second) => void told.set(second.startMs, second));
  let batches = 0;
  const source = createCaptureFileSource({ path: CAPTURE });
  const parts = { source, sensor: 'local', partitions: 1, maxBatchPackets, allowedLatenessMs: 1000 } as const;
  const stop = new AbortController().signal;
  await runAgent({ ...parts, decoder: new Decoder(), tick: 'none', stop }, (batch) => {
    seconds.add(batch);
    if (++batches % askEach === 0) take();
  });
  take();
  return [...told.values()].sort((a, b) => a.startMs - b.startMs);
}

describe('seconds of traffic', () => {
  it('are the same however the input is cut and whenever they are asked for', async () => {
    const whole = await secondsOf(100_000, 1);
    expect(await secondsOf(7, 3)).toEqual(whole);
    expect(await secondsOf(64, 1)).toEqual(whole);
    expect(whole.length).toBeGreaterThan(10);
    const { packets, tcpPackets, udpPackets, icmpPackets } = whole[0]!;
    expect(tcpPackets + udpPackets + icmpPackets).toBeLessThanOrEqual(packets);
    expect(whole.every(({ startMs }) => startMs % 1000 === 0)).toBe(true);
  });

  it('are told once unless they grow', () => {
    const seconds = new TrafficSeconds();
    expect(seconds.take()).toEqual([]);
  });
});
