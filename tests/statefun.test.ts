import {
  type Incident,
  parseFlowSummary,
  parseSensorHealth,
  parseTrafficWindow,
  StatefunFunction,
  StatefunType,
  Topic,
} from '@weir/contracts';
import { EmbeddedRuntime, parseStatefunSettings } from '@weir/functions';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Carrier, type FlinkManners, LoopbackCluster } from '../functions/src/runtime/statefun/loopback.js';
import { createDispatcher, createStatefunServer } from '../functions/src/runtime/statefun/serve.js';
import {
  config,
  deadLettersOf,
  incidentsOf,
  messageOf,
  nowMs,
  type PacketMessage,
  playMessages,
  randomFrom,
  readStory,
  silentLog,
  sortedById,
} from './statefun-stories.js';

/**
 * The functions as Flink calls them, with Flink's part played in this process: the incidents are those of the embedded
 * runtime, whatever Flink does.
 */

const SMALL = ['benign', 'port-scan', 'brute-force', 'syn-flood', 'dns-tunnel', 'high-entropy'] as const;
const STORIES = [...SMALL, 'demo'] as const;
const PARTITIONS = { batch: 700, flow: 3, host: 2, incident: 2 };

const messages = new Map<string, PacketMessage[]>();
const expected = new Map<string, Incident[]>();

beforeAll(async () => {
  for (const story of STORIES) {
    const sent: PacketMessage[] = [];
    const said = new Map<string, Incident>();
    const runtime = new EmbeddedRuntime({
      config,
      sink: { incident: ({ incident }) => said.set(incident.id, structuredClone(incident)) },
      flowPartitions: PARTITIONS.flow,
      hostPartitions: PARTITIONS.host,
      incidentPartitions: PARTITIONS.incident,
      records: 'none',
    });
    await readStory(story, PARTITIONS, (batch) => {
      sent.push(messageOf(batch));
      runtime.deliver(batch);
    });
    messages.set(story, sent);
    expected.set(story, sortedById([...said.values()]));
  }
}, 60_000);

/** What the functions are served with. */
const served = (settings: Record<string, unknown> = {}) => ({
  config,
  log: silentLog,
  nowMs,
  settings: parseStatefunSettings({
    hostPartitions: PARTITIONS.host,
    incidentPartitions: PARTITIONS.incident,
    records: 'none',
    windows: 'none',
    ...settings,
  }),
});

/** Functions that live for a few calls, then begin anew with nothing. */
function mortalFunctions(random: () => number, lifeInCalls: number): Carrier {
  let dispatcher = createDispatcher(served());
  return (request) => {
    if (random() < 1 / lifeInCalls) dispatcher = createDispatcher(served());
    return dispatcher.answer(request).reply;
  };
}

/** Plays a story through a cluster. */
async function play(story: string, carry: Carrier, manners: FlinkManners): Promise<LoopbackCluster> {
  const cluster = new LoopbackCluster(carry, manners);
  await playMessages(messages.get(story)!, cluster, { manners, settles: true });
  return cluster;
}

describe('the incidents of a cluster', () => {
  it.each(STORIES)('are those of the embedded runtime for %s, message by message', async (story) => {
    const dispatcher = createDispatcher(served());
    const manners = { messagesPerCall: 1, lostAnswers: 0, random: randomFrom(1) };
    const cluster = await play(story, (request) => dispatcher.answer(request).reply, manners);
    expect(incidentsOf(cluster)).toEqual(expected.get(story));
    expect(deadLettersOf(cluster)).toEqual([]);
    if (story !== 'benign') expect(expected.get(story)!.length).toBeGreaterThan(0);
  });

  it.each(SMALL.flatMap((story) => [2, 3].map((seed) => [story, seed] as const)))(
    'are the same for %s when answers are lost, functions die and messages come in any order (seed %i)',
    async (story, seed) => {
      const random = randomFrom(seed);
      const manners = { messagesPerCall: 5, lostAnswers: 0.2, random };
      const cluster = await play(story, mortalFunctions(random, 10), manners);
      expect(incidentsOf(cluster)).toEqual(expected.get(story));
      expect(deadLettersOf(cluster)).toEqual([]);
    },
  );

  it('are the same for the demo with everything that can go wrong, over HTTP', async () => {
    const server = createStatefunServer(served({ port: 0 }));
    const url = `http://127.0.0.1:${await server.start()}/statefun`;
    try {
      const manners = { messagesPerCall: 8, lostAnswers: 0.1, random: randomFrom(5) };
      const carry = async (request: Uint8Array) => {
        const response = await fetch(url, { method: 'POST', body: Buffer.from(request) });
        return new Uint8Array(await response.arrayBuffer());
      };
      expect(incidentsOf(await play('demo', carry, manners))).toEqual(expected.get('demo'));
    } finally {
      await server.stop();
    }
  });
});

describe('what else comes out', () => {
  it('is readable by its schemas: flows, windows and sensor health', async () => {
    const dispatcher = createDispatcher(served({ records: 'ended', windows: 'all' }));
    const manners = { messagesPerCall: 3, lostAnswers: 0, random: randomFrom(7) };
    const { records } = await play('port-scan', (request) => dispatcher.answer(request).reply, manners);
    const linesOf = (wanted: string) =>
      records.filter(({ topic }) => topic === wanted).flatMap(({ value }) => value.split('\n'));
    const flows = linesOf(Topic.networkFlows).map((line) => parseFlowSummary(line));
    const windows = linesOf(Topic.normalTraffic).map((line) => parseTrafficWindow(line));
    const health = linesOf(Topic.sensorHealth).map((line) => parseSensorHealth(line));
    expect(flows.length).toBeGreaterThan(100);
    expect(windows.some(({ scope }) => scope === 'network')).toBe(true);
    const seconds = health.map(({ atMs }) => atMs);
    expect(new Set(seconds).size).toBeGreaterThanOrEqual(seconds.length - 1);
    expect(Math.max(...seconds)).toBeLessThan(Date.UTC(2100, 0));
    expect(new Set(records.map(({ topic }) => topic)).size).toBe(4);
  });
});

describe('poison', () => {
  it('on the packets topic becomes dead letters, and the incidents stay the same', async () => {
    const story = messages.get('port-scan')!;
    const future = story[0]!.bytes.slice();
    const at = Buffer.from(future).indexOf('weir');
    future[at + 1]! ^= 0xff;
    const lying = story[0]!.bytes.slice(0, 2000);
    const poison = [
      Buffer.from('garbage'),
      Buffer.alloc(0),
      Buffer.alloc(10_000_000, 7),
      future,
      lying,
      story[1]!.bytes,
    ];
    const dispatcher = createDispatcher(served());
    const manners = { messagesPerCall: 4, lostAnswers: 0.1, random: randomFrom(9) };
    const cluster = new LoopbackCluster((request) => dispatcher.answer(request).reply, manners);
    const put = (id: string, bytes: Uint8Array) =>
      cluster.put({ type: StatefunFunction.flow, id }, StatefunType.packetBatch, bytes);
    for (const [n, { id, bytes }] of story.entries()) {
      // The last is a sound batch of another partition.
      if (n < poison.length) put('local/0', poison[n]!);
      if (n === poison.length) put('no partition', Buffer.from('x'));
      put(id, bytes);
    }
    await cluster.settle();
    expect(deadLettersOf(cluster)).toHaveLength(poison.length + 1);
    expect(incidentsOf(cluster)).toEqual(expected.get('port-scan'));
  });
});
