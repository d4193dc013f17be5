export * from './batches/index.js';
export * from './controls/index.js';
export * from './decoder/index.js';
export * from './epochs/index.js';
export * from './flow-tables/index.js';
export * from './kafka/index.js';
export * from './sinks/index.js';
export * from './sources/index.js';
