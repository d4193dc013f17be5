import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { ContractError, StatefunFunction, StatefunType, Topic } from '@weir/contracts';
import { ByteReader, ByteWriter } from '../../features/state-bytes.js';
import type { Outgoing, OutgoingRecord } from './reply.js';

/*
 * What is too much for one answer. Flink takes answers up to a length (payload_max_bytes in flink/module.yaml) and asks for
 * a longer one again for ever. Lines of flows are most of an answer, five times as long as compressed: those beyond a bound
 * go as parcels to a function that does nothing but send them on, a few in each call.
 */

/** Lines that one answer holds at most; four batches of 16,384 flows have less. Unit: byte. */
export const MOST_LINES_BYTES = 32 * 2 ** 20;

/** Fast rather than short. */
const LEVEL = 1;
/** No record is as long; bytes that say to become more are no parcel. */
const MOST_RECORD_BYTES = 4 * 2 ** 20;

const writer = new ByteWriter(1 << 16);

/** Turns the lines beyond `mostBytes` into parcels. `sender`: the address that they come from, such as `flow/office/0`. */
export function sendParcels(outgoing: Outgoing, sender: string, mostBytes: number): void {
  // One receiver for each sender, so that its lines stay in order.
  const target = { type: StatefunFunction.records, id: sender };
  for (const record of outgoing.takeLinesBeyond(mostBytes))
    outgoing.send({ target, type: StatefunType.parcel, bytes: writeParcel(record) });
}

function writeParcel({ topic, key, pieces }: OutgoingRecord): Uint8Array {
  writer.clear();
  writer.string(topic);
  writer.string(key);
  writer.bytes(deflateRawSync(Buffer.concat(pieces), { level: LEVEL }));
  return writer.finish();
}

/** Topics that have lines. */
const TOPICS: ReadonlySet<string> = new Set([Topic.networkFlows, Topic.normalTraffic]);

/** The record in a parcel. Throws a ContractError, a LayoutError or what inflating throws, for other bytes. */
export function readParcel(bytes: Uint8Array): { topic: string; key: string; lines: Uint8Array } {
  const reader = new ByteReader(bytes);
  const topic = reader.string();
  const key = reader.string();
  const compressed = reader.bytes();
  reader.expectEnd();
  if (!TOPICS.has(topic)) throw new ContractError(`a parcel for the topic "${topic}", which takes no lines.`);
  return { topic, key, lines: inflateRawSync(compressed, { maxOutputLength: MOST_RECORD_BYTES }) };
}
