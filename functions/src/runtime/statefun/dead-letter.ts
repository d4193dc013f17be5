import { DEAD_LETTER_BYTES, type DeadLetter, StatefunType, Topic } from '@weir/contracts';
import type { RecordPlace } from './record-place.js';

/** What was refused, and why. */
export interface Refused {
  readonly reason: string;
  /** Type of the message. */
  readonly type: string;
  /** Function that refused it, `flow/office/0`. */
  readonly address: string;
  readonly bytes: Uint8Array | undefined;
  /** Of a record. */
  readonly place?: RecordPlace | undefined;
  readonly atMs: number;
}

const TOPIC_OF_TYPE: Readonly<Record<string, string>> = {
  [StatefunType.packetBatch]: Topic.packets,
  [StatefunType.control]: Topic.controls,
};

/** Longest reason; a reason may quote what was refused. */
const MOST_REASON_CHARACTERS = 1000;

/** The dead letter of a message. The key of a record is the function's id. */
export function deadLetterOf({ reason, type, address, bytes = new Uint8Array(), place, atMs }: Refused): DeadLetter {
  const topic = TOPIC_OF_TYPE[type];
  return {
    reason: reason.slice(0, MOST_REASON_CHARACTERS),
    topic: topic ?? type,
    ...place,
    ...(topic === undefined ? {} : { key: address.slice(address.indexOf('/') + 1) }),
    address,
    firstBytes: Buffer.from(bytes.subarray(0, DEAD_LETTER_BYTES)).toString('base64'),
    lengthBytes: bytes.length,
    atMs,
  };
}
