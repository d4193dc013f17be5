export * from './config.js';
export { FeatureCollector } from './features/feature-collector.js';
export type { FeatureRows } from './features/feature-rows.js';
export { rowsInOrder } from './features/row-order.js';
export { createFlowFunction, type FlowConfig } from './flow/index.js';
export {
  createHostFunction,
  type DetectorCard,
  detectorCards,
  HOST_DETECTORS,
  type HostSettings,
  type SensorPartitions,
} from './host/index.js';
export { createIncidentFunction } from './incident/index.js';
export { AddressBlocks } from './rules/address-blocks.js';
export { MEASURE_NAMES, MEASURES, type Measure } from './rules/measures.js';
export * from './rules/rules.js';
export { type EmbeddedOptions, EmbeddedRuntime } from './runtime/embedded/index.js';
export * from './runtime/port.js';
export * from './runtime/statefun/index.js';
export * from './score/index.js';
