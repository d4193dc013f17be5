import { STATEFUN_JOURNAL, STATEFUN_STATE, StatefunType } from '@weir/contracts';
import type { FunctionAddress } from './call.js';
import {
  Address,
  FromFunction,
  KafkaProducerRecord,
  type SdkAddress,
  type SdkResponse,
  ToFunction,
  TypedValue,
} from './sdk-messages.js';

/** A message on its way, with who sent it; `ingress` for what came from outside. */
export interface Letter {
  sender: string;
  target: FunctionAddress;
  type: string;
  bytes: Uint8Array;
}

/** A record that came out for Kafka. */
export interface KafkaRecord {
  topic: string;
  key: string;
  value: string;
}

/** How Flink behaves. */
export interface FlinkManners {
  /** Most messages in one call. */
  messagesPerCall: number;
  /** Chance of a call whose answer is lost, so that it is made again. */
  lostAnswers: number;
  /** Pseudo-random numbers in [0, 1). */
  random(): number;
}

/** Sends a request to the functions and gives their answer. */
export type Carrier = (request: Uint8Array) => Promise<Uint8Array> | Uint8Array;

/**
 * Plays Flink's part in one process, for tests and measurements: keeps the state of every address, delivers messages in
 * any order but keeps it between each sender and receiver, and collects what goes to Kafka.
 */
export class LoopbackCluster {
  readonly records: KafkaRecord[] = [];
  readonly delayed: (Letter & { delayMs: number })[] = [];
  readonly states = new Map<string, StateValues>();
  calls = 0;
  /** Messages that wait, by receiver and then sender. */
  private readonly waiting = new Map<string, Map<string, Letter[]>>();

  constructor(
    private readonly carry: Carrier,
    private readonly manners: FlinkManners,
  ) {}

  /** Puts a message in, as an ingress does. */
  put(target: FunctionAddress, type: string, bytes: Uint8Array): void {
    this.post({ sender: 'ingress', target, type, bytes });
  }

  /** Delivers until nothing waits. */
  async settle(): Promise<void> {
    while (await this.deliverSome());
  }

  /** One call to an address that is waited for. Returns whether there was one. */
  async deliverSome(): Promise<boolean> {
    const receivers = [...this.waiting.keys()];
    if (receivers.length === 0) return false;
    const receiver = this.pick(receivers);
    const letters = this.takeLetters(receiver);
    if (this.manners.random() < this.manners.lostAnswers) await this.call(receiver, letters);
    this.accept(receiver, await this.call(receiver, letters));
    return true;
  }

  private takeLetters(receiver: string): Letter[] {
    const senders = this.waiting.get(receiver)!;
    const letters: Letter[] = [];
    const most = 1 + Math.floor(this.manners.random() * this.manners.messagesPerCall);
    while (letters.length < most && senders.size > 0) {
      const sender = this.pick([...senders.keys()]);
      const queue = senders.get(sender)!;
      letters.push(queue.shift()!);
      if (queue.length === 0) senders.delete(sender);
    }
    if (senders.size === 0) this.waiting.delete(receiver);
    return letters;
  }

  private async call(receiver: string, letters: Letter[]): Promise<SdkResponse> {
    this.calls++;
    const answer = FromFunction.deserializeBinary(await this.carry(this.request(receiver, letters)));
    const missing = answer.getIncompleteInvocationContext();
    if (!missing) return answer.getInvocationResult()!;
    const values = new Map(this.states.get(receiver));
    for (const spec of missing.getMissingValuesList()) values.set(spec.getStateName(), null);
    this.states.set(receiver, values);
    return this.call(receiver, letters);
  }

  private request(receiver: string, letters: Letter[]): Uint8Array {
    return writeCall(letters[0]!.target, this.states.get(receiver), letters);
  }

  private accept(receiver: string, response: SdkResponse): void {
    // A map of its own, so that who kept the one before can put it back.
    const values = new Map(this.states.get(receiver));
    for (const mutation of response.getStateMutationsList()) {
      const isKept = mutation.getMutationType() === FromFunction.PersistedValueMutation.MutationType.MODIFY;
      values.set(mutation.getStateName(), isKept ? mutation.getStateValue().getValue_asU8().slice() : null);
    }
    if (values.size > 0) this.states.set(receiver, values);
    for (const message of response.getOutgoingMessagesList())
      this.post({ sender: receiver, ...letterOf(message.getTarget(), message.getArgument()) });
    for (const message of response.getDelayedInvocationsList()) {
      const letter = letterOf(message.getTarget(), message.getArgument());
      this.delayed.push({ sender: receiver, ...letter, delayMs: message.getDelayInMs() });
    }
    for (const message of response.getOutgoingEgressesList())
      this.records.push(recordOf(message.getArgument().getValue_asU8()));
  }

  private post(letter: Letter): void {
    const receiver = `${letter.target.type}/${letter.target.id}`;
    const senders = this.waiting.get(receiver) ?? new Map<string, Letter[]>();
    this.waiting.set(receiver, senders);
    const queue = senders.get(letter.sender);
    if (queue) queue.push(letter);
    else senders.set(letter.sender, [letter]);
  }

  private pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.manners.random() * from.length)]!;
  }
}

/** The values that Flink keeps of an address, by name; null for one that has none yet. */
export type StateValues = ReadonlyMap<string, Uint8Array | null>;

/** What Flink keeps of an address whose state is `state`, with an empty journal. */
export function stateValues(state: Uint8Array | null): StateValues {
  return new Map([[STATEFUN_STATE, state], ...STATEFUN_JOURNAL.map((name) => [name, null] as const)]);
}

/** A request as Flink sends it. `state`: undefined when Flink knows of none. */
export function writeCall(
  target: FunctionAddress,
  state: StateValues | undefined,
  invocations: readonly { type: string; bytes?: Uint8Array }[],
): Uint8Array {
  const batch = new ToFunction.InvocationBatchRequest();
  batch.setTarget(sdkAddress(target));
  for (const [name, bytes] of state ?? []) {
    const persisted = new ToFunction.PersistedValue();
    persisted.setStateName(name);
    persisted.setStateValue(
      typedValue(name === STATEFUN_STATE ? StatefunType.state : StatefunType.journal, bytes ?? undefined),
    );
    batch.addState(persisted);
  }
  for (const { type, bytes } of invocations) {
    const invocation = new ToFunction.Invocation();
    invocation.setArgument(typedValue(type, bytes));
    batch.addInvocations(invocation);
  }
  const call = new ToFunction();
  call.setInvocation(batch);
  return call.serializeBinary();
}

function typedValue(type: string, bytes: Uint8Array | undefined) {
  const value = new TypedValue();
  value.setTypename(type);
  value.setHasValue(bytes !== undefined);
  if (bytes) value.setValue(bytes);
  return value;
}

function sdkAddress({ type, id }: FunctionAddress): SdkAddress {
  const [namespace, name] = type.split('/') as [string, string];
  const address = new Address();
  address.setNamespace(namespace);
  address.setType(name);
  address.setId(id);
  return address;
}

function letterOf(target: SdkAddress, argument: { getTypename(): string; getValue_asU8(): Uint8Array }) {
  return {
    target: { type: `${target.getNamespace()}/${target.getType()}`, id: target.getId() },
    type: argument.getTypename(),
    bytes: argument.getValue_asU8().slice(),
  };
}

function recordOf(bytes: Uint8Array): KafkaRecord {
  const record = KafkaProducerRecord.deserializeBinary(bytes);
  return {
    topic: record.getTopic(),
    key: record.getKey(),
    value: Buffer.from(record.getValueBytes_asU8()).toString(),
  };
}
