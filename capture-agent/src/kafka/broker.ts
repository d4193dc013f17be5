/**
 * What Weir needs of a message broker, so that what uses one can be tested without any. The one adapter is
 * kafka-broker.ts.
 */

/** A message on its way to a topic. Messages with one key keep their order. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly key: string;
  readonly value: Uint8Array;
}

/** A message as it was read. */
export interface IncomingMessage {
  readonly topic: string;
  readonly partition: number;
  /** Decimal, as it may pass 2^53. */
  readonly offset: string;
  readonly key: string | undefined;
  /** Empty for a message without a value, which takes back those with its key. */
  readonly value: Uint8Array;
  /** When it was written, Unix epoch in ms by the clock of writer or broker. */
  readonly writtenAtMs: number;
}

/** Writes messages. After an error that is no RefusedError it is of no more use: disconnect it and make another. */
export interface MessageProducer {
  connect(): Promise<void>;
  /** Resolves when the broker has them all. Rejects with a RefusedError for what no retry can cure. */
  send(messages: readonly OutgoingMessage[]): Promise<void>;
  disconnect(): Promise<void>;
}

/** The broker will never take these messages; the message says why. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** What a reader wants to read. */
export interface ReaderOptions {
  readonly topic: string;
  /** Readers of one group share the messages, and go on where the group stopped. Default: a group of its own. */
  readonly group?: string;
  /** Where a group begins that has never read: at the oldest message kept, or at the next one written. */
  readonly from: 'oldest' | 'next';
}

/** Reads one topic from the moment it is started. */
export interface MessageReader {
  /** Resolves when it reads. `take` is called for one message at a time; a message counts as read when it resolves. */
  start(take: (message: IncomingMessage) => Promise<void> | void): Promise<void>;
  stop(): Promise<void>;
}

/** A topic as a broker knows it. */
export interface TopicState {
  readonly name: string;
  readonly partitions: number;
  /** Settings by the broker's names, such as `cleanup.policy`. */
  readonly settings: Readonly<Record<string, string>>;
}

/** A topic to make. */
export interface NewTopic extends TopicState {
  /** −1: as many as the broker makes by default. */
  readonly copies: number;
}

/** Looks at topics and makes them. */
export interface TopicKeeper {
  connect(): Promise<void>;
  /** Those of `names` that exist. `settings` holds at least those named, where the broker tells. */
  read(names: readonly string[], settings: readonly string[]): Promise<TopicState[]>;
  /** Makes topics; one that exists already is left as it is. */
  create(topics: readonly NewTopic[]): Promise<void>;
  disconnect(): Promise<void>;
}

/** A broker to talk to. Nothing connects before `connect` or `start` of what it makes. */
export interface Broker {
  producer(): MessageProducer;
  reader(options: ReaderOptions): MessageReader;
  topics(): TopicKeeper;
}

/** What a broker client tells of itself, for a log. */
export type BrokerLog = (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void;
