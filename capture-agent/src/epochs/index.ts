export { CaptureTicks } from './capture-ticks.js';
export { type BatchShape, fileEpoch, streamEpoch } from './epoch.js';
export { PeekedSource } from './peeked-source.js';
