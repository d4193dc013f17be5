export * from './batches/index.js';
export * from './decoder/index.js';
export * from './sources/index.js';
