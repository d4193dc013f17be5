/** The engine of `weir traffic`: labelled captures, and a harmless version of the same traffic to loopback. */

export { BUNDLED_CAPTURES, type BundledCapture, compressCapture } from './bundled.js';
export { trafficCatalogue } from './catalogue.js';
export { LoopbackOnlyError, loopbackAddress } from './loopback.js';
export {
  checkOptions,
  GUESSED_SERVICES,
  type GuessedService,
  TRAFFIC_KINDS,
  type TrafficKind,
  type TrafficKindHelp,
  TrafficOptionError,
  type TrafficOptionHelp,
  type TrafficOptionName,
  type TrafficOptions,
} from './options.js';
export { SEND_LIMITS, type SendOptions, type SendSummary, sendTraffic } from './send.js';
export { type TruthRow, truthCsv } from './truth.js';
export { type ChunkWriter, type TrafficSummary, writeTraffic } from './write.js';
