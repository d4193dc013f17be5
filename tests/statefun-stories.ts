import { createCaptureFileSource } from '@weir/capture-agent';
import {
  decodePacketBatch,
  encodePacketBatch,
  type Incident,
  type PacketBatch,
  parseIncident,
  StatefunFunction,
  StatefunType,
  Topic,
} from '@weir/contracts';
import { parseDetectionConfig } from '@weir/functions';
import { expect } from 'vitest';
import { runAgent } from '../cli/src/pipeline.js';
import type { FlinkManners, LoopbackCluster } from '../functions/src/runtime/statefun/loopback.js';

/** Stories of `testdata/` sent to the functions as Flink would call them: what the tests of that share. */

export const config = parseDetectionConfig({});
export const silentLog = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** A clock that stands. */
export const nowMs = () => 1_700_000_000_000;

/** One message of the `packets` topic. */
export interface PacketMessage {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** Reads a story as an agent does, cut into batches and flow partitions, and gives each batch to `emit`. */
export async function readStory(
  story: string,
  cut: { readonly batch: number; readonly flow: number },
  emit: (batch: PacketBatch) => void,
): Promise<void> {
  const path = new URL(`../testdata/${story}/capture.pcap.gz`, import.meta.url).pathname;
  const stop = new AbortController().signal;
  const source = createCaptureFileSource({ path });
  const options = { source, sensor: 'local', partitions: cut.flow, maxBatchPackets: cut.batch, stop };
  await runAgent({ ...options, allowedLatenessMs: config.allowedLatenessMs, tick: 'none' }, emit);
}

/** A batch as the topic carries it. */
export function messageOf(batch: PacketBatch): PacketMessage {
  return { id: `${batch.header.sensor}/${batch.header.partition}`, bytes: encodePacketBatch(batch) };
}

/** The same messages in another run of their sensor. */
export function inAnotherRun(messages: readonly PacketMessage[]): PacketMessage[] {
  return messages.map(({ bytes }) => {
    const batch = decodePacketBatch(bytes);
    return messageOf({ ...batch, header: { ...batch.header, epoch: batch.header.epoch + 1 } });
  });
}

/** Puts messages into a cluster, and waits until all is done where it is to settle. */
export async function playMessages(
  messages: readonly PacketMessage[],
  cluster: LoopbackCluster,
  { manners, settles }: { readonly manners: FlinkManners; readonly settles: boolean },
): Promise<void> {
  for (const { id, bytes } of messages) {
    cluster.put({ type: StatefunFunction.flow, id }, StatefunType.packetBatch, bytes);
    // Sometimes the functions keep up, sometimes messages pile up.
    while (manners.random() < 0.8 && (await cluster.deliverSome()));
  }
  if (settles) await cluster.settle();
}

/** The latest statement of each incident that came out, in the order of ids. */
export function incidentsOf({ records }: LoopbackCluster): Incident[] {
  const last = new Map<string, Incident>();
  for (const { topic, key, value } of records) {
    if (topic !== Topic.anomalyAlerts) continue;
    const incident = parseIncident(value);
    expect(key).toBe(incident.id);
    if ((last.get(key)?.revision ?? -1) <= incident.revision) last.set(key, incident);
  }
  return sortedById([...last.values()]);
}

/** In the order of ids. */
export function sortedById(incidents: Incident[]): Incident[] {
  return incidents.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** What came out on `dead_letters`. */
export function deadLettersOf({ records }: LoopbackCluster): LoopbackCluster['records'] {
  return records.filter(({ topic }) => topic === Topic.deadLetters);
}

/** xorshift32 as numbers in [0, 1). */
export function randomFrom(seed: number): () => number {
  let x = seed * 2_654_435_761 || 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
}
