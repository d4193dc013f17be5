export { Batcher, type BatcherOptions, type Drops } from './batcher.js';
export { LiveClock, type MachineClocks } from './live-clock.js';
export { SensorClock } from './sensor-clock.js';
