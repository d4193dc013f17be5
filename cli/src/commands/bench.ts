import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runCluster } from '../bench/cluster.js';
import { type ClusterLoad, runEmbedded } from '../bench/cluster-load.js';
import { clusterTable } from '../bench/cluster-report.js';
import { measureInProcesses } from '../bench/measure.js';
import { measurePeer, PEERS, type PeerResult } from '../bench/peers.js';
import { createRepeatedSource } from '../bench/repeated-source.js';
import { detectorShare, peerTable, type StageResults, stageTable } from '../bench/report.js';
import { STAGES } from '../bench/stages.js';
import { writeCapture } from '../bench/write-capture.js';
import { type Call, defineCommand } from '../command.js';
import { ExitCode, UsageError } from '../errors.js';
import type { Io } from '../io.js';
import { KAFKA_OPTIONS, kafkaSettings } from '../kafka-options.js';
import type { OptionTable } from '../options/declaration.js';
import { formatCount } from '../report/numbers.js';
import { refuseUnreadable, TICK_MS } from '../source-options.js';
import { collectLessOften } from '../v8-flags.js';
import { DEMO } from './analyze.js';

const BENCH_OPTIONS = {
  repeat: { type: 'integer', value: 'N', minimum: 1, maximum: 1000, description: 'Read each capture this often, each time later; default 10, and 100 for the small bundled one' },
  runs: { type: 'integer', value: 'N', default: 3, minimum: 1, maximum: 99, description: 'Runs of which the median counts' },
  peers: { type: 'flag', description: 'Also run softflowd, argus and ndpiReader where they are installed' },
  ...KAFKA_OPTIONS,
  partitions: { type: 'text', value: 'N,…', default: '4', description: 'Cluster: flow partitions, one run for each number' },
  batch: { type: 'integer', value: 'N', unit: 'packets', default: 16_384, minimum: 1, maximum: 100_000, description: 'Cluster: packets of a round of batches' },
  rate: { type: 'integer', value: 'N', unit: 'packets/s', minimum: 100, maximum: 10_000_000, description: 'Cluster: send at this pace, and tell how long incidents take' },
  tick: { type: 'integer', value: 'N', unit: 'ms', default: TICK_MS, minimum: 10, maximum: 60_000, description: 'Cluster: with --rate, longest that a batch waits to fill' },
  json: { type: 'flag', description: 'Print one JSON object a capture' },
} as const satisfies OptionTable; // biome-ignore format: one option a line

export const bench = defineCommand({
  name: 'bench',
  usage: '[cluster] [FILE]',
  maxOperands: 2,
  description:
    'Measures how many packets Weir reads, decodes, follows as flows and analyses per second of CPU time, and the peak ' +
    'memory of each, on the capture that comes with it and on FILE. Every stage runs in a process of its own. ' +
    'weir bench cluster sends the capture through a cluster that does nothing else, waits for its incidents, and ' +
    'compares them and the rate with one process. FILE may be a flow table, read once; then rows are counted.',
  options: BENCH_OPTIONS,
  examples: [
    { line: 'weir bench', meaning: 'The bundled capture, many times over.' },
    { line: 'weir bench capture.pcap --peers', meaning: 'Also a capture of your own, beside other programs.' },
    {
      line: 'weir bench cluster --kafka localhost:9092 --partitions 1,4,4096',
      meaning: 'How the rate of a cluster falls with the number of addresses; the last is about one for each flow.',
    },
    {
      line: 'weir bench cluster capture.pcap --kafka localhost:9092 --partitions 1 --rate 50000',
      meaning: 'How long incidents take at 50,000 packets a second, and whether the cluster falls behind.',
    },
  ],
  run: measure,
});

type BenchCall = Call<typeof BENCH_OPTIONS>;

async function measure(call: BenchCall): Promise<number> {
  const [first, ...rest] = call.operands;
  if (first === 'cluster') return measureCluster({ ...call, operands: rest });
  if (rest.length > 0) throw new UsageError(`one file at a time: "${rest[0]}" is too many.`);
  return measureStages(call);
}

async function measureCluster({ options, operands: [file], io }: BenchCall): Promise<number> {
  const { batch: maxBatchPackets, rate } = options;
  const path = file === undefined ? DEMO.path : resolve(file);
  const settings = kafkaSettings(options, io);
  const repeat = options.repeat ?? (file === undefined ? 20 : 1);
  const base = { path, repeat, maxBatchPackets, tickMs: options.tick };
  const loads = options.partitions.split(',').map((text): ClusterLoad => {
    const partitions = Number(text);
    if (!Number.isInteger(partitions) || partitions < 1 || partitions > 65_536)
      throw new UsageError(`--partitions ${options.partitions}: "${text}" is no number from 1 to 65536.`);
    return { ...base, partitions, ...(rate === undefined ? {} : { packetsPerSecond: rate }) };
  });
  const embedded = await runEmbedded(loads[0]!);
  // As the agent does, and `analyze` does not.
  collectLessOften();
  const rows = [];
  for (const load of loads) {
    if (io.stderr.isTerminal) io.stderr.write(`measuring: ${load.partitions} partitions\n`);
    rows.push({ load, result: await runCluster(load, settings, embedded) });
  }
  io.stdout.write(options.json ? `${JSON.stringify({ embedded, rows })}\n` : clusterTable(embedded, rows));
  return rows.every(({ result }) => result.isSame) ? ExitCode.ok : ExitCode.defect;
}

async function measureStages({ options, operands: [file], io }: BenchCall): Promise<number> {
  // Told now, not after the minutes that the bundled capture takes.
  if (file !== undefined) await refuseUnreadable([resolve(file)]);
  const captures = [
    { title: 'bundled capture', path: DEMO.path, repeat: options.repeat ?? 100 },
    ...(file === undefined ? [] : [{ title: file, path: resolve(file), repeat: options.repeat ?? 10 }]),
  ];
  for (const capture of captures) {
    const results = stageResults(capture, options.runs, io);
    const peers = options.peers ? await peerResults(capture, io) : undefined;
    const measured = { results, peers, runs: options.runs };
    io.stdout.write(options.json ? jsonText(capture, measured) : tableText(capture, measured));
  }
  return ExitCode.ok;
}

interface Capture {
  readonly title: string;
  readonly path: string;
  readonly repeat: number;
}

function stageResults({ path, repeat }: Capture, runs: number, io: Io): StageResults {
  const measured = STAGES.map((stage) => {
    if (io.stderr.isTerminal) io.stderr.write(`measuring: ${stage}\n`);
    return [stage, measureInProcesses({ stage, path, repeat }, runs)] as const;
  });
  return Object.fromEntries(measured) as unknown as StageResults;
}

/** Peers read a file of the same packets, which is removed afterwards. */
async function peerResults({ path, repeat }: Capture, io: Io): Promise<PeerResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'));
  try {
    const file = join(folder, 'repeated.pcap');
    const packets = await writeCapture(createRepeatedSource(path, repeat), file);
    return PEERS.map((peer) => {
      if (io.stderr.isTerminal) io.stderr.write(`measuring: ${peer.name}\n`);
      return measurePeer(peer, { file, folder, packets });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Measured {
  results: StageResults;
  peers: readonly PeerResult[] | undefined;
  runs: number;
}

function tableText({ title, repeat }: Capture, { results, peers, runs }: Measured): string {
  const { packets, incidents } = results.whole;
  const head = `${title}, ${repeat} times over: ${formatCount(packets)} packets, ${incidents} incidents, median of ${runs}`;
  const share = `detectors take ${(100 * detectorShare(results)).toFixed(0)} % of the whole`;
  const parts = [head, stageTable(results), share, ...(peers ? ['', peerTable(peers, results)] : [])];
  return `${parts.join('\n')}\n\n`;
}

function jsonText({ title, repeat }: Capture, { results, peers, runs }: Measured): string {
  return `${JSON.stringify({ capture: title, repeat, runs, stages: results, ...(peers ? { peers } : {}) })}\n`;
}
