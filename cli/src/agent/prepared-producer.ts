import { type Broker, ensureTopics, type MessageProducer, TOPIC_PLANS } from '@weir/capture-agent';
import { Topic } from '@weir/contracts';
import type { Logger } from '../log/logger.js';

/** Topics that an agent writes and reads. */
const AGENT_TOPICS: readonly string[] = [Topic.packets, Topic.sensorHealth, Topic.controls];

/**
 * Makes producers that first see to it that the topics exist. Where that is not allowed, or they differ from the plan,
 * it is told once and sending goes on: the topics may be there all the same.
 */
export function preparedProducers(broker: Broker, log: Logger): () => MessageProducer {
  const told = new Set<string>();
  const tellOnce = (reason: string) => {
    if (!told.has(reason)) log.warn({ reason }, 'topics are not as planned');
    told.add(reason);
  };
  return () => {
    const producer = broker.producer();
    return {
      connect: async () => {
        await producer.connect();
        await prepare(broker, tellOnce).catch((error: Error) => tellOnce(error.message));
      },
      send: (messages) => producer.send(messages),
      disconnect: () => producer.disconnect(),
    };
  };
}

async function prepare(broker: Broker, tell: (reason: string) => void): Promise<void> {
  const keeper = broker.topics();
  try {
    await keeper.connect();
    const plans = TOPIC_PLANS.filter(({ name }) => AGENT_TOPICS.includes(name));
    for (const { plan, differences } of await ensureTopics(keeper, { plans, make: true, copies: -1 })) {
      for (const difference of differences) tell(`${plan.name}: ${difference}`);
    }
  } finally {
    await keeper.disconnect().catch(() => undefined);
  }
}
