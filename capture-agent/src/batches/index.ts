export { Batcher, type BatcherOptions, type Drops } from './batcher.js';
export { SensorClock } from './sensor-clock.js';
