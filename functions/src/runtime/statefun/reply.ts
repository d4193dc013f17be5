import { STATEFUN_STATE, StatefunEgress, StatefunType } from '@weir/contracts';
import { messageBuffers } from './buffer-pool.js';
import type { FunctionAddress } from './call.js';
import { FromFunction, KAFKA_RECORD_TYPE } from './sdk-messages.js';
import { WireMessage } from './wire-message.js';

/**
 * Numbers of the fields of Stateful Functions' messages (request-reply.proto and kafka-egress.proto of 3.3), as far as answers have
 * them. A test holds them against the SDK.
 */
const RESPONSE_FIELD = 100;
const RESPONSE = { mutations: 1, messages: 2, delayed: 3, egresses: 4 } as const;
const MUTATION = { type: 1, name: 2, value: 3 } as const;
const MESSAGE = { target: 1, argument: 2 } as const;
const DELAYED = { delayMs: 1, target: 2, argument: 3 } as const;
const EGRESS = { namespace: 1, type: 2, argument: 3 } as const;
const RECORD = { key: 1, value: 2, topic: 3 } as const;
const TYPED_VALUE = { type: 1, hasValue: 2, value: 3 } as const;
const ADDRESS = { namespace: 1, type: 2, id: 3 } as const;

/** Size from which a record of JSON lines takes no more. What is as long by itself makes a record of its own. */
export const FULL_RECORD_BYTES = 200_000;

/** A message from one function to another. */
export interface OutgoingMessage {
  readonly target: FunctionAddress;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** A message that Flink is to deliver later, by its own clock. */
export interface DelayedMessage extends OutgoingMessage {
  readonly delayMs: number;
}

/** A record for Kafka. JSON lines of one topic and key may be joined into one record. */
export interface OutgoingRecord {
  readonly topic: string;
  readonly key: string;
  /** The value, one piece after the other. */
  readonly pieces: Uint8Array[];
  lengthBytes: number;
  readonly isLines: boolean;
}

const NEW_LINE = Buffer.from('\n');

/** What a call sends on. Order is kept for each receiver. */
export class Outgoing {
  readonly messages: OutgoingMessage[] = [];
  readonly delayed: DelayedMessage[] = [];
  records: OutgoingRecord[] = [];

  send(message: OutgoingMessage): void {
    this.messages.push(message);
  }

  sendAfter(delayMs: number, message: OutgoingMessage): void {
    this.delayed.push({ ...message, delayMs });
  }

  /** One record of its own. */
  record(topic: string, key: string, value: unknown): void {
    const bytes = Buffer.from(JSON.stringify(value));
    this.records.push({ topic, key, pieces: [bytes], lengthBytes: bytes.length, isLines: false });
  }

  /** One JSON line; joins the record before it while that has room and goes the same way. */
  line(topic: string, key: string, value: unknown): void {
    this.lines(topic, key, Buffer.from(JSON.stringify(value)));
  }

  /** JSON lines in UTF-8 with a new line between two of them. They join as one line does. */
  lines(topic: string, key: string, bytes: Uint8Array): void {
    this.addLines({ topic, key, pieces: [bytes], lengthBytes: bytes.length, isLines: true });
  }

  /**
   * Takes out the records of lines that go beyond `mostBytes` of lines, and gives them back. Those of one key stay in
   * order: what follows one that is taken out is taken out as well.
   */
  takeLinesBeyond(mostBytes: number): OutgoingRecord[] {
    const kept: OutgoingRecord[] = [];
    const beyond: OutgoingRecord[] = [];
    let lengthBytes = 0;
    for (const record of this.records) {
      if (record.isLines) lengthBytes += record.lengthBytes;
      const isBeyond = record.isLines && lengthBytes > mostBytes;
      (isBeyond ? beyond : kept).push(record);
    }
    this.records = kept;
    return beyond;
  }

  /** Takes over all that `other` holds. */
  append(other: Outgoing): void {
    for (const message of other.messages) this.messages.push(message);
    for (const message of other.delayed) this.delayed.push(message);
    for (const record of other.records) {
      if (record.isLines) this.addLines(record);
      else this.records.push(record);
    }
  }

  private addLines(lines: OutgoingRecord): void {
    const last = this.records.at(-1);
    const joins = last?.isLines && last.topic === lines.topic && last.key === lines.key;
    const hasRoom = last && last.lengthBytes < FULL_RECORD_BYTES && lines.lengthBytes < FULL_RECORD_BYTES;
    if (!joins || !hasRoom) {
      this.records.push(lines);
      return;
    }
    last.pieces.push(NEW_LINE, ...lines.pieces);
    last.lengthBytes += NEW_LINE.length + lines.lengthBytes;
  }
}

/** A value that Flink keeps of an address, as it is to be from now on. */
export interface ValueChange {
  readonly name: string;
  /** Undefined: the value is deleted. */
  readonly bytes: Uint8Array | undefined;
}

/**
 * The answer to a call: what changes of the values that Flink keeps, and what is sent on. Its memory is of
 * `messageBuffers`, for who sends it to give back.
 */
export function writeReply(changes: readonly ValueChange[], outgoing: Outgoing): Uint8Array<ArrayBuffer> {
  const response = new WireMessage();
  for (const change of changes) response.message(RESPONSE.mutations, changeOf(change));
  for (const message of outgoing.messages) response.message(RESPONSE.messages, messageOf(message));
  for (const message of outgoing.delayed) response.message(RESPONSE.delayed, delayedOf(message));
  for (const record of outgoing.records) response.message(RESPONSE.egresses, egressOf(record));
  const reply = new WireMessage();
  reply.message(RESPONSE_FIELD, response);
  const bytes = messageBuffers.take(reply.lengthBytes);
  reply.writeTo(bytes);
  return bytes;
}

/** The answer to a first call: Flink is to call again with the values that it did not know of. */
export function writeMissingValues(names: readonly string[]): Uint8Array {
  const missing = new FromFunction.IncompleteInvocationContext();
  for (const name of names) {
    const spec = new FromFunction.PersistedValueSpec();
    spec.setStateName(name);
    spec.setTypeTypename(typeOf(name));
    missing.addMissingValues(spec);
  }
  const reply = new FromFunction();
  reply.setIncompleteInvocationContext(missing);
  return reply.serializeBinary();
}

function typeOf(name: string): string {
  return name === STATEFUN_STATE ? StatefunType.state : StatefunType.journal;
}

function changeOf({ name, bytes }: ValueChange): WireMessage {
  const { MODIFY, DELETE } = FromFunction.PersistedValueMutation.MutationType;
  const mutation = new WireMessage();
  mutation.number(MUTATION.type, bytes ? MODIFY : DELETE);
  mutation.string(MUTATION.name, name);
  if (bytes) mutation.message(MUTATION.value, typedValue(typeOf(name), bytes));
  return mutation;
}

function messageOf({ target, type, bytes }: OutgoingMessage): WireMessage {
  const message = new WireMessage();
  message.message(MESSAGE.target, addressOf(target));
  message.message(MESSAGE.argument, typedValue(type, bytes));
  return message;
}

function delayedOf({ target, type, bytes, delayMs }: DelayedMessage): WireMessage {
  const message = new WireMessage();
  message.number(DELAYED.delayMs, delayMs);
  message.message(DELAYED.target, addressOf(target));
  message.message(DELAYED.argument, typedValue(type, bytes));
  return message;
}

function egressOf({ topic, key, pieces }: OutgoingRecord): WireMessage {
  const record = new WireMessage();
  record.string(RECORD.key, key);
  record.bytes(RECORD.value, ...pieces);
  record.string(RECORD.topic, topic);
  const argument = new WireMessage();
  argument.string(TYPED_VALUE.type, KAFKA_RECORD_TYPE);
  argument.true(TYPED_VALUE.hasValue);
  argument.message(TYPED_VALUE.value, record);
  const [namespace, type] = splitTypeName(StatefunEgress.out);
  const message = new WireMessage();
  message.string(EGRESS.namespace, namespace);
  message.string(EGRESS.type, type);
  message.message(EGRESS.argument, argument);
  return message;
}

function typedValue(type: string, bytes: Uint8Array): WireMessage {
  const value = new WireMessage();
  value.string(TYPED_VALUE.type, type);
  value.true(TYPED_VALUE.hasValue);
  value.bytes(TYPED_VALUE.value, bytes);
  return value;
}

function addressOf({ type, id }: FunctionAddress): WireMessage {
  const [namespace, name] = splitTypeName(type);
  const address = new WireMessage();
  address.string(ADDRESS.namespace, namespace);
  address.string(ADDRESS.type, name);
  address.string(ADDRESS.id, id);
  return address;
}

/** `weir/flow` as namespace and name. */
function splitTypeName(typeName: string): [namespace: string, name: string] {
  const slash = typeName.lastIndexOf('/');
  return [typeName.slice(0, slash), typeName.slice(slash + 1)];
}
