import { type Layout, PACKET_COLUMNS, placeTable } from '@weir/contracts';
import { MAX_NOTE_BYTES } from './frame.js';

/** Where the decoder's compiled core (capture-agent/decode-core) and this side find the tables that they share. */

/** Packets that are decoded at a time, and room for their captured bytes. */
export const BLOCK_PACKETS = 4096;
export const BLOCK_BYTES = 1 << 20;

/** Raw packets; `offset` counts from the first byte of the block. */
const RAW_COLUMNS = [
  { name: 'timeUs', type: 'f64', unit: 'µs', meaning: 'As captured.' },
  { name: 'offset', type: 'u32', unit: 'byte', meaning: 'Where the packet begins.' },
  { name: 'capturedBytes', type: 'u32', unit: 'byte', meaning: 'As in RawPackets.' },
  { name: 'wireBytes', type: 'u32', unit: 'byte', meaning: 'As in RawPackets.' },
  { name: 'linkType', type: 'u16', unit: '1', meaning: 'As in RawPackets.' },
] as const satisfies Layout;

/** What the passes over the rows hand on to each other. */
const BLOCK_COLUMNS = [
  { name: 'left', type: 'i32', unit: '1', meaning: 'Rows that are left to the layered decoder.' },
  { name: 'look', type: 'u8', unit: '1', meaning: 'Look: what is still to be looked at.' },
  { name: 'payloadAt', type: 'i32', unit: 'byte', meaning: 'Where to look; 0 nowhere.' },
  { name: 'payloadEnd', type: 'i32', unit: 'byte', meaning: 'Where captured bytes of it end.' },
  { name: 'direction', type: 'u8', unit: '1', meaning: '1 when the source endpoint has the larger hash.' },
] as const satisfies Layout;

export const RAW = placeTable(RAW_COLUMNS, BLOCK_PACKETS);
export const PACKETS = placeTable(PACKET_COLUMNS, BLOCK_PACKETS, MAX_NOTE_BYTES + 1);
export const BLOCK = placeTable(BLOCK_COLUMNS, BLOCK_PACKETS);
