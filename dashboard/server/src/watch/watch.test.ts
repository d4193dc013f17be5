import { describe, expect, it } from 'vitest';
import { aWindow } from '../events.fixture.js';
import type { Feed, FeedTaker } from '../feed/feed.js';
import type { ControlPort } from '../ports.js';
import type { History } from '../store/history.js';
import { Watch } from './watch.js';

describe('what is kept and told', () => {
  it('may be more at once than a function takes arguments, as where a large capture is replayed at full speed', async () => {
    const windows = Array.from({ length: 200_000 }, () => aWindow());
    const database = { rows: async () => [] };
    const record = async () => ({ incidents: [], flows: [], windows, seconds: [], health: new Map() });
    const history = { database, record, positions: async () => [], newestMs: 0 } as unknown as History;
    const takers: FeedTaker[] = [];
    const feed = {
      start: async (taker: FeedTaker) => void takers.push(taker),
      stop: async () => {},
    } as unknown as Feed;
    const onError = (error: unknown) => {
      throw error;
    };
    const controls = { sensorFacts: () => undefined } as unknown as ControlPort;
    const watch = new Watch({ history, feed, controls, nowMs: () => 0, isReplay: true, isOwn: () => true, onError });
    await watch.start();
    watch.hub.attach({ bufferedBytes: 0, send: () => {}, close: () => {} });
    await expect(takers[0]!.take({ events: [], positions: [] })).resolves.toBeUndefined();
    await watch.stop();
  });
});
