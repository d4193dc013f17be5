import { END_OF_TIME_S, flowAddress, type HostBatch } from '@weir/contracts';
import type { HostConfig } from './config.js';
import { PaneQueue } from './pane-queue.js';
import { type HostPartitionState, initialHostState } from './state.js';

/** A sensor and the flow partitions that it fills. */
export interface SensorPartitions {
  name: string;
  partitions: number;
}

/** What upstreams depend on. */
export interface UpstreamSettings {
  host: HostConfig;
  /** Upstreams from the start, so that time does not begin before each was heard. Others join when they first speak. */
  sensors: readonly SensorPartitions[];
}

/** Upstreams a partition has room for; a batch of a sensor that would exceed it is refused. */
const MAX_UPSTREAMS = 4096;
/** Sensors that can be told apart in alerts; further ones share the last bit. */
const MAX_SENSOR_BITS = 32;
/** Rows that may wait in one queue before those that hold up time by more than a little are no longer waited for. */
const MAX_WAITING_ROWS = 2 ** 18;
const LITTLE_S = 10;
/** Runs of one upstream that may wait for the end of the one under way. */
const MAX_WAITING_RUNS = 64;

/**
 * Takes a batch into the queue of its upstream. Returns false when it has no effect: a repeat, or refused. A sensor that is
 * new, or begins a new run, joins with all its partitions, so that time waits for each of them.
 */
export function takeBatch(state: HostPartitionState, batch: HostBatch, settings: UpstreamSettings): boolean {
  if (!isOwnUpstream(batch)) return refuse(state);
  const known = state.queues.get(batch.upstream);
  if (known?.epoch === batch.epoch) return accept(state, known, batch);
  const mustWait = known && (state.nextRuns.has(batch.upstream) || isHeldBack(state, known, batch.epoch));
  if (mustWait) return acceptNextRun(state, batch);
  if (state.watermarkS === END_OF_TIME_S) beginAnew(state, settings);
  return join(state, batch) && accept(state, state.queues.get(batch.upstream)!, batch);
}

/** Runs that waited for the end of their sensor's previous one begin, one of each upstream. Returns whether any did. */
export function beginNextRuns(state: HostPartitionState, settings: UpstreamSettings): boolean {
  const ready = [...state.nextRuns].flatMap(([upstream, [first]]) => {
    const ended = state.queues.get(upstream)!;
    // The rows of a queue that still waits for time are not given up for those of the next.
    return isHeldBack(state, ended, first!.epoch) || ended.waitingRows > 0 ? [] : [[upstream, first!] as const];
  });
  if (ready.length === 0) return false;
  for (const [upstream] of ready) takeFirstRun(state, upstream);
  if (state.watermarkS === END_OF_TIME_S) beginAnew(state, settings);
  for (const [upstream, queue] of ready) {
    if (!join(state, queue)) continue;
    queue.catchUp(state.watermarkS);
    state.queues.set(upstream, queue);
  }
  return true;
}

function takeFirstRun({ nextRuns }: HostPartitionState, upstream: string): void {
  const left = nextRuns.get(upstream)!.slice(1);
  if (left.length > 0) nextRuns.set(upstream, left);
  else nextRuns.delete(upstream);
}

/** The partition as it was in the beginning, for a run that follows one that came to its end everywhere. */
function beginAnew(state: HostPartitionState, settings: UpstreamSettings): void {
  const { run, thresholds, counters, nextRuns } = state;
  Object.assign(state, initialHostState(state.address, settings.host), {
    run: run + 1,
    thresholds,
    counters,
    nextRuns,
  });
  expectSensors(state, settings.sensors);
}

/** Makes time wait for these sensors. Returns the state. */
export function expectSensors(state: HostPartitionState, sensors: readonly SensorPartitions[]): HostPartitionState {
  for (const { name, partitions } of sensors) join(state, { sensor: name, partitions });
  return state;
}

/** The second up to which everything is known; 0 while there is an upstream that has not spoken. */
export function reachedSecond(state: HostPartitionState): number {
  let lowest = END_OF_TIME_S;
  let furthestReleased = 0;
  for (const { isReleased, watermarkS } of state.queues.values()) {
    if (!isReleased) lowest = Math.min(lowest, watermarkS);
    else if (watermarkS > furthestReleased) furthestReleased = watermarkS;
  }
  // All that still could speak is silent: what it said last is complete, and nothing is known of later.
  if (lowest === END_OF_TIME_S && furthestReleased > 0) return furthestReleased + 1;
  return state.queues.size === 0 ? 0 : lowest;
}

/** The earliest pane that waits in any queue; Infinity when none does. Unit: s. */
export function firstPane({ queues }: HostPartitionState): number {
  let first = Number.POSITIVE_INFINITY;
  for (const queue of queues.values()) first = Math.min(first, queue.firstPaneS);
  return first;
}

/** Adds the upstreams of a sensor. Returns false when there is no room. */
function join(state: HostPartitionState, { sensor, partitions }: { sensor: string; partitions: number }): boolean {
  if (partitions > MAX_UPSTREAMS) return refuse(state);
  const upstreams = Array.from({ length: partitions }, (_, k) => flowAddress(sensor, k));
  const added = upstreams.filter((upstream) => !state.queues.has(upstream));
  if (state.queues.size + added.length > MAX_UPSTREAMS) return refuse(state);
  learnSensor(state, sensor);
  for (const upstream of added) state.queues.set(upstream, new PaneQueue(sensor, partitions));
  // In the order of names, so that the order in which upstreams first spoke does not matter.
  if (added.length > 0) state.queues = new Map([...state.queues].sort(([a], [b]) => (a < b ? -1 : 1)));
  for (const [upstream, queue] of state.queues)
    if (queue.sensor === sensor && partitionOf(upstream) >= partitions) queue.watermarkS = END_OF_TIME_S;
  return true;
}

function accept(state: HostPartitionState, queue: PaneQueue, batch: HostBatch): boolean {
  if (!queue.accept(batch, state.watermarkS)) return false;
  state.silentSensors.delete(batch.sensor);
  state.sensorCounters.set(batch.sensor, batch.sensorCounters);
  state.batchesMissing.set(batch.upstream, batch.counters.batchesMissing);
  if (queue.waitingRows > MAX_WAITING_ROWS) releaseLaggards(state, queue.watermarkS - LITTLE_S);
  return true;
}

/** State must stay bounded: a sensor far behind the others is no longer waited for, and its packets count as late. */
function releaseLaggards(state: HostPartitionState, beforeS: number): void {
  for (const queue of state.queues.values())
    if (queue.watermarkS < beforeS && !queue.isReleased) {
      queue.isReleased = true;
      state.counters.upstreamsReleased++;
    }
}

/**
 * Whether a new run must wait: the sensor's previous one has ended here, but its end has not come from all its
 * partitions. Without the wait, a run that follows at once would find time where the previous one left it.
 */
function isHeldBack(state: HostPartitionState, ended: PaneQueue, nextEpoch: number): boolean {
  if (ended.watermarkS !== END_OF_TIME_S) return false;
  return [...state.queues.values()].some(
    ({ sensor, epoch, watermarkS, isReleased }) =>
      sensor === ended.sensor && epoch !== nextEpoch && watermarkS !== END_OF_TIME_S && !isReleased,
  );
}

function acceptNextRun(state: HostPartitionState, batch: HostBatch): boolean {
  const runs = state.nextRuns.get(batch.upstream) ?? [];
  if (runs.reduce((sum, { waitingRows }) => sum + waitingRows, 0) > MAX_WAITING_ROWS) return refuse(state);
  const isLastOver = runs.at(-1)?.watermarkS === END_OF_TIME_S;
  // One that broke off is followed in the same queue, as it is where no run must wait.
  const next = runs.find(({ epoch }) => epoch === batch.epoch) ?? (isLastOver ? undefined : runs.at(-1));
  if (next) return next.accept(batch, 0);
  if (runs.length >= MAX_WAITING_RUNS) return refuse(state);
  const begun = new PaneQueue(batch.sensor, batch.partitions);
  state.nextRuns.set(batch.upstream, [...runs, begun]);
  return begun.accept(batch, 0);
}

function refuse(state: HostPartitionState): false {
  state.counters.batchesRefused++;
  return false;
}

function isOwnUpstream({ upstream, sensor, partitions }: HostBatch): boolean {
  const partition = partitionOf(upstream);
  return upstream === flowAddress(sensor, partition) && partition < partitions;
}

function partitionOf(upstream: string): number {
  return Number(upstream.slice(upstream.lastIndexOf('/') + 1));
}

function learnSensor({ sensors, hosts }: HostPartitionState, sensor: string): void {
  if (sensors.includes(sensor)) return;
  sensors.push(sensor);
  if (sensors.length === 2) hosts.tellSensorsApart();
}

/** The bit that stands for a sensor in what was counted of it. */
export function sensorBit({ sensors }: HostPartitionState, sensor: string): number {
  return bitAt(sensors.indexOf(sensor));
}

function bitAt(index: number): number {
  return 1 << Math.min(index, MAX_SENSOR_BITS - 1);
}

/** Names of the sensors in `bits`, in their order. Where there is one sensor, it saw everything. */
export function sensorsIn({ sensors }: HostPartitionState, bits: number): string[] {
  if (sensors.length === 1) return [...sensors];
  return sensors.filter((_, at) => bits & bitAt(at)).sort();
}
