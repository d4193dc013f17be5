/**
 * Measures the functions as Flink calls them, without Flink: a capture is cut into batches, and a loopback plays Flink's
 * part in this process. Says calls, bytes and time by function and stage. Build first; give other captures as arguments.
 *
 *   node scripts/statefun-bench.mjs [CAPTURE] [--flow-partitions 4] [--host-partitions 4] [--batch 5000] [--cache-mb 256]
 *                                   [--messages 1] [--backlog 1] [--records none]
 *
 * `--backlog` messages wait before they are delivered, at most `--messages` in one call.
 */
import { parseArgs } from 'node:util';
import { createCaptureFileSource } from '@weir/capture-agent';
import { encodePacketBatch, StatefunFunction, StatefunType } from '@weir/contracts';
import { DEFAULT_DETECTION_CONFIG, parseStatefunSettings } from '@weir/functions';
import { runAgent } from '../cli/dist/pipeline.js';
import { LoopbackCluster } from '../functions/dist/runtime/statefun/loopback.js';
import { CALL_STAGES, Metrics } from '../functions/dist/runtime/statefun/metrics.js';
import { createDispatcher } from '../functions/dist/runtime/statefun/serve.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'flow-partitions': { type: 'string', default: '4' },
    'host-partitions': { type: 'string', default: '4' },
    batch: { type: 'string', default: '5000' },
    'cache-mb': { type: 'string', default: '256' },
    messages: { type: 'string', default: '1' },
    backlog: { type: 'string', default: '1' },
    records: { type: 'string', default: 'none' },
  },
});
const [path = 'testdata/demo/capture.pcap.gz'] = positionals;
const FUNCTIONS = ['flow', 'host', 'incident'];
const log = { info: () => undefined, warn: console.error, error: console.error };

/** The capture as messages of the `packets` topic. */
async function readMessages() {
  /** @type {{ id: string, bytes: Uint8Array }[]} */
  const messages = [];
  const { packets } = await runAgent(
    {
      source: createCaptureFileSource({ path }),
      sensor: 'bench',
      partitions: Number(options['flow-partitions']),
      maxBatchPackets: Number(options.batch),
      allowedLatenessMs: DEFAULT_DETECTION_CONFIG.allowedLatenessMs,
      tick: 'none',
      stop: new AbortController().signal,
    },
    (batch) => {
      const id = `${batch.header.sensor}/${batch.header.partition}`;
      messages.push({ id, bytes: encodePacketBatch(batch) });
    },
  );
  return { messages, packets };
}

/** @param {{ id: string, bytes: Uint8Array }[]} messages */
async function play(messages) {
  const settings = parseStatefunSettings({
    hostPartitions: options['host-partitions'],
    cacheBytes: Number(options['cache-mb']) * 2 ** 20,
    records: options.records,
    windows: 'network',
  });
  const metrics = new Metrics();
  const dispatcher = createDispatcher({ config: DEFAULT_DETECTION_CONFIG, settings, log, nowMs: Date.now }, metrics);
  const traffic = Object.fromEntries(FUNCTIONS.map((name) => [name, { calls: 0, received: 0, sent: 0, ms: 0 }]));
  /** @param {Uint8Array} request */
  const carry = (request) => {
    const startMs = performance.now();
    const { name, reply } = dispatcher.answer(request);
    const of = traffic[name];
    of.calls++;
    of.received += request.length;
    of.sent += reply.length;
    of.ms += performance.now() - startMs;
    return reply;
  };
  const manners = { messagesPerCall: Number(options.messages), lostAnswers: 0, random: Math.random };
  const cluster = new LoopbackCluster(carry, manners);
  for (const [n, { id, bytes }] of messages.entries()) {
    cluster.put({ type: StatefunFunction.flow, id }, StatefunType.packetBatch, bytes);
    if ((n + 1) % Number(options.backlog) === 0) await cluster.settle();
  }
  await cluster.settle();
  return { traffic, metrics, states: [...cluster.states] };
}

/**
 * @param {Metrics} metrics
 * @param {string} name
 * @param {string} stage
 */
function stageMs(metrics, name, stage) {
  const found = metrics.text().match(`weir_functions_seconds_total\\{function="${name}",stage="${stage}"\\} (.*)`);
  return Number(found?.[1] ?? 0) * 1000;
}

const { messages, packets } = await readMessages();
await play(messages);
const { traffic, metrics, states } = await play(messages);
const totalMs = Object.values(traffic).reduce((sum, { ms }) => sum + ms, 0);
const inBytes = messages.reduce((sum, { bytes }) => sum + bytes.length, 0);
console.log(
  `${packets} packets in ${messages.length} messages of ${Math.round(inBytes / messages.length / 1000)} KB; ` +
    `${Math.round(totalMs)} ms in the functions: ${Math.round(packets / totalMs)},000 packets/s`,
);
for (const name of FUNCTIONS) {
  const { calls, received, sent, ms } = traffic[name];
  const sizes = states
    .filter(([address]) => address.startsWith(`weir/${name}/`))
    .map(([, values]) => [...values.values()].reduce((sum, bytes) => sum + (bytes?.length ?? 0), 0));
  const stages = CALL_STAGES.map((stage) => `${stage} ${((stageMs(metrics, name, stage) / calls) * 1000).toFixed(0)}`);
  console.log(
    `${name.padEnd(9)}${calls} calls, ${((ms / calls) * 1000).toFixed(0)} µs (${stages.join(', ')}); ` +
      `${(calls / (ms / 1000)).toFixed(0)} calls/s, in ${(received / 1000 / ms).toFixed(0)} MB/s, ` +
      `KB a call in ${(received / calls / 1000).toFixed(0)} out ${(sent / calls / 1000).toFixed(0)}; ` +
      `last state KB ${Math.round(Math.max(...sizes) / 1000)}`,
  );
}
