export { KafkaSink, type KafkaSinkOptions, type SinkClock, type SinkCounters, type SinkEvents } from './kafka-sink.js';
