import { Batcher, CaptureTicks, Decoder, LiveClock, type PacketSource, type RawPackets } from '@weir/capture-agent';
import type { PacketBatch } from '@weir/contracts';
import {
  type DetectionConfig,
  EmbeddedRuntime,
  type RuntimeSink,
  type ScoreStatus,
  type ScoringOptions,
  type ShadowStatus,
} from '@weir/functions';
import { UntilStopped } from './until-stopped.js';

/** A silent live sensor's time follows the clock at this distance, as packets may still wait in the kernel. */
const SILENCE_MARGIN_MS = 1000;

/** How packets become batches. */
export interface AgentOptions {
  readonly source: PacketSource;
  /** `[a-z0-9-]{1,32}`. */
  readonly sensor: string;
  /** Packets a batch holds at most. The results do not depend on it. */
  readonly maxBatchPackets: number;
  /** A packet may be this much older than the newest before it counts as late. */
  readonly allowedLatenessMs: number;
  /** Full batches only, for a source that is read as fast as it can be; else batches go out at each tick too. */
  readonly tick: Tick | CaptureTick | 'none';
  /** Flow partitions, from 1. */
  readonly partitions: number;
  /** Run of the sensor, for the headers. 0 by default. */
  readonly epoch?: number;
  /** Awaited after each block, for a consumer of batches that may fall behind. */
  readonly ready?: () => Promise<void>;
  /** Age of the oldest batch that the consumer has not passed on, ms. Told with what a live sensor measures. */
  readonly waitingMs?: () => number;
  /** Given to read its counters; else one is made. */
  readonly decoder?: Decoder;
  /** Aborted to finish with what has been read. */
  readonly stop: AbortSignal;
  /** Called after each block, with all packets so far. */
  readonly onProgress?: (packets: number) => void;
}

/** When batches go out that are not full. */
export interface Tick {
  readonly everyMs: number;
  readonly elapsedMs: () => number;
  /** Unix epoch, for live sensors that hear nothing. */
  readonly nowMs: () => number;
}

/** Batches go out by the time of the packets, so that the same packets are always in the same batches. */
export interface CaptureTick {
  /** Capture time, µs. */
  readonly everyUs: number;
}

/** What a run read. */
export interface AgentResult {
  readonly packets: number;
  readonly warnings: readonly string[];
}

/** source → decoder → batches → `emit`, to the end of the source or until stopped. Rejects with a SourceError. */
export async function runAgent(options: AgentOptions, emit: (batch: PacketBatch) => void): Promise<AgentResult> {
  const {
    source,
    sensor,
    partitions,
    maxBatchPackets: maxPackets,
    allowedLatenessMs,
    epoch = 0,
    decoder = new Decoder(),
  } = options;
  const batcher = new Batcher({ sensor, partitions, epoch, maxPackets, allowedLatenessMs, decoder }, emit);
  const keepTime = timeKeeper(batcher, options);
  const pusher = cutter(batcher, options.tick);
  let packets = 0;
  await source.open();
  try {
    for await (const block of blocksOf(source, decoder.createBlock(), options.stop)) {
      pusher.push(block);
      keepTime(block);
      packets += block.count;
      options.onProgress?.(packets);
      await options.ready?.();
    }
    batcher.reportDrops(source.counters());
    batcher.finish();
    return { packets, warnings: [...source.counters().warnings] };
  } finally {
    await source.close();
  }
}

function cutter(batcher: Batcher, tick: AgentOptions['tick']): Pick<Batcher, 'push'> {
  return tick !== 'none' && 'everyUs' in tick ? new CaptureTicks(batcher, tick.everyUs) : batcher;
}

/** At each tick: tells the batcher of drops and of a live sensor's time, moves that on in silence, and sends what there is. */
function timeKeeper(batcher: Batcher, { source, tick, waitingMs }: AgentOptions): (block: RawPackets) => void {
  if (tick === 'none' || 'everyUs' in tick) return () => undefined;
  const live = source.kind === 'live' ? new LiveClock(tick) : undefined;
  let lastMs = tick.elapsedMs();
  return (block) => {
    live?.read(block);
    if (tick.elapsedMs() - lastMs < tick.everyMs) return;
    lastMs = tick.elapsedMs();
    batcher.reportDrops(source.counters());
    if (live) batcher.reportLive(live.take(waitingMs?.()));
    if (live && block.count === 0) batcher.advanceTo(tick.nowMs() - SILENCE_MARGIN_MS);
    batcher.flush();
  };
}

/** How incidents are found, besides how packets become batches. */
export interface DetectionOptions {
  readonly config: DetectionConfig;
  /** To measure: `flow` stops after the flow function, `count` counts hosts without detectors. */
  readonly stages?: 'flow' | 'count' | 'all';
  /** Models that score as well. */
  readonly scoring?: ScoringOptions | undefined;
  /** Told what the models did, at the end. */
  readonly onModels?: ((status: readonly ScoreStatus[], shadow: ShadowStatus | undefined) => void) | undefined;
}

/** The whole of Weir in one process: source → decoder → batches → flows → hosts → models → incidents → `sink`. */
export async function runDetection(options: AgentOptions & DetectionOptions, sink: RuntimeSink): Promise<AgentResult> {
  const runtime = createRuntime({ ...options, flowPartitions: options.partitions }, sink);
  const ready = async () => {
    await runtime.settle();
    await options.ready?.();
  };
  const result = await runAgent({ ...options, ready }, (batch) => runtime.deliver(batch));
  await runtime.settle();
  options.onModels?.(runtime.modelStatus(), runtime.shadowStatus());
  return result;
}

/** A runtime for one sensor. Records and windows cost time, so they are made only for a sink that takes them. */
export function createRuntime(
  options: DetectionOptions & { readonly sensor: string; readonly flowPartitions: number },
  sink: RuntimeSink,
): EmbeddedRuntime {
  const { config, sensor, flowPartitions, stages = 'all', scoring } = options;
  const records = sink.flowRecords ? 'ended' : 'none';
  const windows = sink.window ? 'all' : 'none';
  return new EmbeddedRuntime({ config, sink, sensor, flowPartitions, stages, records, windows, scoring });
}

/** Fills `block` again and again, until the source ends or `stop` is aborted. */
export async function* blocksOf(
  source: PacketSource,
  block: RawPackets,
  stop?: AbortSignal,
): AsyncGenerator<RawPackets> {
  // A source may wait long for its next packet; stopping does not wait for it.
  const untilStopped = new UntilStopped(stop);
  while (!stop?.aborted) {
    const isMore = await untilStopped.wait(source.read(block));
    if (isMore !== true) return;
    yield block;
  }
}
