import { STATEFUN_STATE, StatefunEgress, StatefunType } from '@weir/contracts';
import type { FunctionAddress } from './call.js';
import {
  Address,
  FromFunction,
  KAFKA_RECORD_TYPE,
  KafkaProducerRecord,
  type SdkAddress,
  type SdkResponse,
  TypedValue,
} from './sdk-messages.js';

/** Size at which a record of JSON lines is full. A longer line makes a record of its own. */
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
  value: string;
  readonly isLines: boolean;
}

/** What a call sends on. Order is kept for each receiver. */
export class Outgoing {
  readonly messages: OutgoingMessage[] = [];
  readonly delayed: DelayedMessage[] = [];
  readonly records: OutgoingRecord[] = [];

  send(message: OutgoingMessage): void {
    this.messages.push(message);
  }

  sendAfter(delayMs: number, message: OutgoingMessage): void {
    this.delayed.push({ ...message, delayMs });
  }

  /** One record of its own. */
  record(topic: string, key: string, value: unknown): void {
    this.records.push({ topic, key, value: JSON.stringify(value), isLines: false });
  }

  /** One JSON line; joins the record before it while that has room and goes the same way. */
  line(topic: string, key: string, value: unknown): void {
    this.addLines({ topic, key, value: JSON.stringify(value), isLines: true });
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
    if (joins && last.value.length + lines.value.length < FULL_RECORD_BYTES) last.value += `\n${lines.value}`;
    else this.records.push(lines);
  }
}

/** A value that Flink keeps of an address, as it is to be from now on. */
export interface ValueChange {
  readonly name: string;
  /** Undefined: the value is deleted. */
  readonly bytes: Uint8Array | undefined;
}

/** The answer to a call: what changes of the values that Flink keeps, and what is sent on. */
export function writeReply(changes: readonly ValueChange[], outgoing: Outgoing): Uint8Array {
  const response = new FromFunction.InvocationResponse();
  for (const change of changes) addChange(response, change);
  for (const message of outgoing.messages) addMessage(response, message);
  for (const message of outgoing.delayed) addDelayed(response, message);
  for (const record of outgoing.records) addRecord(response, record);
  const reply = new FromFunction();
  reply.setInvocationResult(response);
  return reply.serializeBinary();
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

function addChange(response: SdkResponse, { name, bytes }: ValueChange): void {
  const { MODIFY, DELETE } = FromFunction.PersistedValueMutation.MutationType;
  const mutation = new FromFunction.PersistedValueMutation();
  mutation.setStateName(name);
  mutation.setMutationType(bytes ? MODIFY : DELETE);
  if (bytes) mutation.setStateValue(typedValue(typeOf(name), bytes));
  response.addStateMutations(mutation);
}

function typeOf(name: string): string {
  return name === STATEFUN_STATE ? StatefunType.state : StatefunType.journal;
}

function addMessage(response: SdkResponse, { target, type, bytes }: OutgoingMessage): void {
  const message = new FromFunction.Invocation();
  message.setTarget(sdkAddress(target));
  message.setArgument(typedValue(type, bytes));
  response.addOutgoingMessages(message);
}

function addDelayed(response: SdkResponse, { target, type, bytes, delayMs }: DelayedMessage): void {
  const message = new FromFunction.DelayedInvocation();
  message.setDelayInMs(delayMs);
  message.setTarget(sdkAddress(target));
  message.setArgument(typedValue(type, bytes));
  response.addDelayedInvocations(message);
}

/** The SDK's kafkaEgressMessage does the same, with one more copy of each value. */
function addRecord(response: SdkResponse, { topic, key, value }: OutgoingRecord): void {
  const record = new KafkaProducerRecord();
  record.setTopic(topic);
  if (key !== '') record.setKey(key);
  record.setValueBytes(Buffer.from(value));
  const [namespace, type] = splitTypeName(StatefunEgress.out);
  const message = new FromFunction.EgressMessage();
  message.setEgressNamespace(namespace);
  message.setEgressType(type);
  message.setArgument(typedValue(KAFKA_RECORD_TYPE, record.serializeBinary()));
  response.addOutgoingEgresses(message);
}

function typedValue(type: string, bytes: Uint8Array) {
  const value = new TypedValue();
  value.setTypename(type);
  value.setHasValue(true);
  value.setValue(bytes);
  return value;
}

function sdkAddress({ type, id }: FunctionAddress): SdkAddress {
  const [namespace, name] = splitTypeName(type);
  const address = new Address();
  address.setNamespace(namespace);
  address.setType(name);
  address.setId(id);
  return address;
}

/** `weir/flow` as namespace and name. */
function splitTypeName(typeName: string): [namespace: string, name: string] {
  const slash = typeName.lastIndexOf('/');
  return [typeName.slice(0, slash), typeName.slice(slash + 1)];
}
