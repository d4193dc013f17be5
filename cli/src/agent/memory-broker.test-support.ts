import type {
  Broker,
  IncomingMessage,
  MessageProducer,
  MessageReader,
  NewTopic,
  OutgoingMessage,
  ReaderOptions,
  TopicKeeper,
  TopicState,
} from '@weir/capture-agent';
import { BrokerError, RefusedError } from '@weir/capture-agent';
import type { Command } from '../command.js';
import { createMemoryIo, type MemoryIo } from '../memory-io.js';
import { parseLine } from '../options/parse.js';

type Take = (message: IncomingMessage) => Promise<void> | void;

/** A broker in memory, for tests: one partition a topic, no groups. */
export class MemoryBroker implements Broker {
  isAway = false;
  /** Larger messages are refused for good. */
  largestBytes = Number.POSITIVE_INFINITY;
  /** Calls that failed because it was away. */
  refusals = 0;
  readonly written: OutgoingMessage[] = [];
  readonly made = new Map<string, TopicState>();
  readonly readersAsked: ReaderOptions[] = [];
  /** Called after each request that was taken. */
  onSend: () => void = () => undefined;
  private readonly takers = new Map<Take, string>();

  /** Stands in for connectKafka. */
  readonly connect = async (): Promise<Broker> => this;

  on(topic: string): OutgoingMessage[] {
    return this.written.filter((message) => message.topic === topic);
  }

  producer(): MessageProducer {
    return {
      connect: async () => this.refuseWhenAway(),
      send: async (messages) => {
        this.refuseWhenAway();
        if (messages.some(({ value }) => value.length > this.largestBytes)) throw new RefusedError('MESSAGE_TOO_LARGE');
        for (const message of messages) await this.append(message);
        this.onSend();
      },
      disconnect: async () => undefined,
    };
  }

  reader(options: ReaderOptions): MessageReader {
    this.readersAsked.push(options);
    let taker: Take | undefined;
    return {
      start: async (take) => {
        this.refuseWhenAway();
        taker = take;
        this.takers.set(take, options.topic);
        if (options.from === 'next') return;
        for (const [offset, message] of this.on(options.topic).entries()) await take(incoming(message, offset));
      },
      stop: async () => void (taker && this.takers.delete(taker)),
    };
  }

  topics(): TopicKeeper {
    return {
      connect: async () => this.refuseWhenAway(),
      read: async (names) => names.flatMap((name) => this.made.get(name) ?? []),
      create: async (topics: readonly NewTopic[]) => {
        for (const topic of topics) this.made.set(topic.name, topic);
      },
      disconnect: async () => undefined,
    };
  }

  /** Writes a message as anybody else would. */
  async append({ topic, key, value }: OutgoingMessage): Promise<void> {
    const message = { topic, key, value };
    this.written.push(message);
    const offset = this.on(topic).length - 1;
    for (const [take, wanted] of this.takers) if (wanted === topic) await take(incoming(message, offset));
  }

  /** How many read a topic now. */
  readersOf(topic: string): number {
    return [...this.takers.values()].filter((name) => name === topic).length;
  }

  private refuseWhenAway(): void {
    if (!this.isAway) return;
    this.refusals++;
    throw new BrokerError('cannot reach Kafka at kafka:9092: refused. Check the address and that it runs.');
  }
}

function incoming({ topic, key, value }: OutgoingMessage, offset: number): IncomingMessage {
  return { topic, partition: 0, offset: String(offset), key, value, writtenAtMs: 0 };
}

/** What a test sets of the world outside. */
export interface TestIo {
  stop?: AbortSignal;
  env?: Record<string, string>;
  elapsedMs?: () => number;
}

/** Runs one command line of `command`; the error it rejects with is its message for the user. */
export async function runCommand(
  command: Command,
  args: readonly string[],
  { stop, env = {}, elapsedMs = () => 0 }: TestIo = {},
): Promise<MemoryIo & { code: number }> {
  const io = createMemoryIo(stop === undefined ? {} : { stop });
  const { options, operands } = parseLine(command.options, args);
  const code = await command.run({ options, operands, io: { ...io, env, elapsedMs } });
  return { ...io, code };
}

/** Resolves once `condition` holds; fails after five seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 5000;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error('the condition did not come true within 5 s');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
