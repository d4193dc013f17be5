export type {
  Broker,
  BrokerLog,
  IncomingMessage,
  MessageProducer,
  MessageReader,
  NewTopic,
  OutgoingMessage,
  ReaderOptions,
  TopicKeeper,
  TopicState,
} from './broker.js';
export { RefusedError } from './broker.js';
export { BrokerError } from './broker-error.js';
export { connectKafka } from './kafka-broker.js';
export {
  type Environment,
  KAFKA_VARIABLES,
  type KafkaSettings,
  KafkaSettingsError,
  readKafkaSettings,
} from './settings.js';
export { ensureTopics, TOPIC_PLANS, type TopicFinding, type TopicPlan } from './topics.js';
