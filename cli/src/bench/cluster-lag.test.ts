import type { IncomingMessage, MessageReader } from '@weir/capture-agent';
import { NO_COUNTERS, type SensorBatch, type SensorHealth } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { LagWatch } from './cluster-lag.js';

/** A reader that hands on what the test says. */
class SaidReader implements MessageReader {
  say: (message: IncomingMessage) => void = () => undefined;

  start(take: (message: IncomingMessage) => Promise<void> | void): Promise<void> {
    this.say = (message) => void take(message);
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

function healthAt(writtenAtMs: number, packetsCaptured: number, sensor = 'bench'): IncomingMessage {
  const health: SensorHealth = { ...NO_COUNTERS, packetsCaptured, sensor, atMs: 0, breaches: {} };
  return { value: Buffer.from(JSON.stringify(health)), writtenAtMs } as unknown as IncomingMessage;
}

const batchOf = (partition: number, packetsCaptured: number) =>
  ({ header: { partition }, counters: { ...NO_COUNTERS, packetsCaptured } }) as unknown as SensorBatch;

async function watch(lagsMs: readonly number[], sensor?: string): Promise<number[]> {
  const reader = new SaidReader();
  const lag = new LagWatch(reader);
  await lag.start();
  for (const [n, lagMs] of lagsMs.entries()) {
    lag.put(batchOf(0, n + 1), n * 100);
    lag.put(batchOf(1, n + 1), n * 100 + 50);
    reader.say(healthAt(n * 100 + lagMs, n + 1, sensor));
  }
  return lag.byPart();
}

describe('the lag of a cluster', () => {
  it('is told for each quarter of the run, so that one that grows shows', async () => {
    expect(await watch([10, 10, 20, 20, 30, 30, 40, 40])).toEqual([10, 20, 30, 40]);
  });

  it('is not told where too little was heard, or only of another sensor', async () => {
    expect(await watch([10, 10])).toEqual([]);
    expect(await watch([10, 10, 20, 20, 30, 30, 40, 40], 'office')).toEqual([]);
  });
});
