export { type CaptureFileOptions, createCaptureFileSource, looksLikeCapture } from './capture-file.js';
export { createLiveSource, type LiveSourceOptions } from './live-interface.js';
export { listInterfaces, type NetworkInterface, pickInterface } from './network-interfaces.js';
export { createPacedReplay, type PacedReplayOptions, type ReplayClock } from './paced-replay.js';
export {
  createRawPackets,
  LinkType,
  type PacketSource,
  type RawPackets,
  type SourceCounters,
  SourceError,
} from './source.js';
