import { connectKafka, type IncomingMessage, type MessageReader, readKafkaSettings } from '@weir/capture-agent';

/** How often a condition on the log is looked at when no message comes. */
const LOOK_EVERY_MS = 500;

/** Everything that is written to one topic, in the order in which it was read. */
export class TopicLog {
  private readonly messages: IncomingMessage[] = [];
  private readonly seen = new Set<string>();
  private wake: () => void = () => undefined;

  private constructor(private readonly reader: MessageReader) {}

  /** Opens a log of `topic` that misses nothing, be it written before or after. */
  static async open(brokers: string, topic: string): Promise<TopicLog> {
    const broker = await connectKafka(readKafkaSettings({ KAFKA_BROKERS: brokers }), () => undefined);
    const log = new TopicLog(broker.reader({ topic, from: 'oldest' }));
    await log.reader.start((message) => log.take(message));
    return log;
  }

  /** What was written from `sinceMs` on. Unix epoch; the cluster is on this machine, so there is one clock. */
  since(sinceMs: number): IncomingMessage[] {
    return this.messages.filter(({ writtenAtMs }) => writtenAtMs >= sinceMs);
  }

  /** Resolves with the first thing that `look` finds, or with undefined when there is none before the deadline. */
  async waitFor<T>(look: () => T | undefined, timeoutMs: number): Promise<T | undefined> {
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      const found = look();
      if (found !== undefined || performance.now() > deadlineMs) return found;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LOOK_EVERY_MS);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async close(): Promise<void> {
    await this.reader.stop();
  }

  /** Kafka may give a message again after its own restart. */
  private take(message: IncomingMessage): void {
    const place = `${message.partition}/${message.offset}`;
    if (this.seen.has(place)) return;
    this.seen.add(place);
    this.messages.push(message);
    this.wake();
  }
}
