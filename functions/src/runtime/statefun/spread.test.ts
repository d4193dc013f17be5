import {
  createPacketTable,
  encodePacketBatch,
  NO_COUNTERS,
  StatefunFunction,
  StatefunType,
  Topic,
} from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { parseDetectionConfig } from '../../config.js';
import { StateRefused } from './address-function.js';
import { LoopbackCluster } from './loopback.js';
import { createDispatcher } from './serve.js';
import { parseStatefunSettings } from './settings.js';

/** A cluster whose functions can be set anew. */
function setUp() {
  const lines: string[] = [];
  const say = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log = { info: say, warn: say, error: say };
  const createFunctions = (settings: Record<string, unknown>) =>
    createDispatcher({
      config: parseDetectionConfig({}),
      settings: parseStatefunSettings(settings),
      log,
      nowMs: () => 0,
    });
  let functions = createFunctions({});
  const manners = { messagesPerCall: 1, lostAnswers: 0, random: () => 0 };
  const cluster = new LoopbackCluster((request) => functions.answer(request).reply, manners);
  let sequence = 0;
  const send = () => {
    const header = {
      sensor: 'office',
      partition: 0,
      partitions: 1,
      epoch: 0,
      sequence: sequence++,
      watermarkS: sequence,
    };
    const bytes = encodePacketBatch({ header, counters: NO_COUNTERS, packets: createPacketTable(0) });
    cluster.put({ type: StatefunFunction.flow, id: 'office/0' }, StatefunType.packetBatch, bytes);
    return cluster.settle();
  };
  const set = (settings: Record<string, unknown>) => {
    functions = createFunctions(settings);
  };
  const topics = () => new Set(cluster.records.map(({ topic }) => topic));
  return { send, set, topics, lines };
}

describe('state under another number of partitions', () => {
  it.each([{ hostPartitions: 2 }, { incidentPartitions: 3 }])(
    'is refused, with the numbers to go back to: %o',
    async (change) => {
      const { send, set, lines } = setUp();
      await send();
      set(change);
      await expect(send()).rejects.toThrow(StateRefused);
      expect(lines.at(-1)).toContain('WEIR_HOST_PARTITIONS=1 and WEIR_INCIDENT_PARTITIONS=1');
    },
  );

  it('is gone on with when the numbers are as they were', async () => {
    const { send, set, topics, lines } = setUp();
    await send();
    set({ hostPartitions: 2 });
    await expect(send()).rejects.toThrow(StateRefused);
    set({ silenceTimeoutS: 90 });
    const { length } = lines;
    await send();
    expect(lines).toHaveLength(length);
    expect(topics()).not.toContain(Topic.deadLetters);
  });

  it('is given up where that is wished, and said to be', async () => {
    const { send, set, topics } = setUp();
    await send();
    set({ hostPartitions: 2, onUnreadableState: 'reset' });
    await send();
    expect(topics()).toContain(Topic.deadLetters);
  });
});
