import type * as KafkaJs from 'kafkajs';

/** What is used of the client package, which is loaded only when a broker is needed. */
export type KafkaClient = Pick<
  typeof KafkaJs,
  'Kafka' | 'CompressionCodecs' | 'CompressionTypes' | 'ConfigResourceTypes' | 'Partitioners' | 'logLevel'
>;
