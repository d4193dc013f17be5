export { Decoder, type DecoderCounters, type DecoderOptions } from './decoder.js';
