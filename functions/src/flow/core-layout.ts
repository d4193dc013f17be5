import {
  ACTIVITY_COLUMNS,
  FIRST_PACKETS,
  FLOW_RECORD_COLUMNS,
  NOTE_COLUMNS,
  PACKET_COLUMNS,
  placeTable,
} from '@weir/contracts';

/** Where the compiled core of the flow function (functions/flow-core) and this side find the tables that they share. */

/** Packets that are handed to the core at a time: few enough that they stay in the nearest caches. */
export const STAGED_PACKETS = 1024;
/** Rows for one host partition, and flow records, after which the core pauses for them to be sent. */
const ACTIVITY_ROWS = 8192;
const NOTE_ROWS = 4096;
const RECORD_ROWS = 1024;
/** Longer texts of notes are cut: the decoder writes none. */
export const MAX_NOTE_BYTES = 256;
/** Float32 gaps of a flow's first packets. */
const MAX_SEQUENCE_BYTES = FIRST_PACKETS * 4;
/** The core keeps the first kilobyte free, so that no address is 0. */
export const PACKETS_AT = 1024;

/** The core has no use for acknowledgments. */
const STAGED_COLUMNS = PACKET_COLUMNS.filter(({ name }) => name !== 'tcpAcknowledgment');

export const PACKETS = placeTable(STAGED_COLUMNS, STAGED_PACKETS, MAX_NOTE_BYTES);
export const ACTIVITY = placeTable(ACTIVITY_COLUMNS, ACTIVITY_ROWS);
export const NOTES = placeTable(NOTE_COLUMNS, NOTE_ROWS, MAX_NOTE_BYTES);
export const RECORDS = placeTable(FLOW_RECORD_COLUMNS, RECORD_ROWS, MAX_SEQUENCE_BYTES);
