import { ColumnTable } from './columns.js';

/** Why a flow record was written (`kind` column). */
export const FlowRecordKind = { started: 1, interim: 2, ended: 3 } as const;

/** How far a flow got (`outcome` column). */
export const FlowOutcome = {
  /** Not TCP, or TCP under way before the capture: packets one way only. */
  unanswered: 0,
  /** Not TCP: packets both ways. */
  answered: 1,
  /** TCP: SYN and no answer. */
  halfOpen: 2,
  /** TCP: SYN answered, never completed. */
  handshakeIncomplete: 3,
  /** TCP: handshake completed, or data both ways. */
  established: 4,
  /** TCP: FIN from both sides. */
  finished: 5,
  /** TCP: RST after the handshake. */
  reset: 6,
  /** TCP: RST before the handshake was completed. */
  rejected: 7,
} as const;

/** Name of an outcome, such as `halfOpen`. */
export function flowOutcomeName(outcome: number): string {
  return Object.keys(FlowOutcome)[outcome] ?? 'unknown';
}

/** Packets of which size and gap are kept, from the start of a flow. */
export const FIRST_PACKETS = 32;

const directed = <const P extends string>(prefix: P, who: string) =>
  [
    { name: `${prefix}Packets`, type: 'f64', unit: 'packet', meaning: `Packets sent by the ${who}.` },
    { name: `${prefix}Bytes`, type: 'f64', unit: 'byte', meaning: `Frame bytes on the wire sent by the ${who}.` },
    { name: `${prefix}PayloadBytes`, type: 'f64', unit: 'byte', meaning: `Transport payload sent by the ${who}.` },
    { name: `${prefix}LengthMinBytes`, type: 'u32', unit: 'byte', meaning: 'Shortest frame; 0 without packets.' },
    { name: `${prefix}LengthMaxBytes`, type: 'u32', unit: 'byte', meaning: 'Longest frame; 0 without packets.' },
    {
      name: `${prefix}LengthDeviationBytes`,
      type: 'f64',
      unit: 'byte',
      meaning: 'Sample standard deviation (n − 1) of frame lengths; 0 below two packets.',
    },
    { name: `${prefix}GapMinUs`, type: 'f64', unit: 'µs', meaning: 'Shortest gap in this direction; 0 without gaps.' },
    { name: `${prefix}GapMeanUs`, type: 'f64', unit: 'µs', meaning: 'Mean gap in this direction; 0 without gaps.' },
    {
      name: `${prefix}GapDeviationUs`,
      type: 'f64',
      unit: 'µs',
      meaning: 'Sample standard deviation (n − 1) of gaps in this direction; 0 below two gaps.',
    },
    { name: `${prefix}GapMaxUs`, type: 'f64', unit: 'µs', meaning: 'Longest gap in this direction; 0 without gaps.' },
    { name: `${prefix}TcpFlags`, type: 'u8', unit: '1', meaning: 'TcpFlag bits seen in this direction.' },
    {
      name: `${prefix}Retransmissions`,
      type: 'u32',
      unit: 'packet',
      meaning: 'TCP segments with payload, SYN or FIN that end at or before what was already sent.',
    },
    {
      name: `${prefix}InitialWindow`,
      type: 'u16',
      unit: '1',
      meaning: 'TCP window of the first packet, unscaled; 0 for other protocols.',
    },
  ] as const;

/** One row a flow and record. RFC 7011 gives the idea of a flow; see FlowOutcome for its end. */
export const FLOW_RECORD_COLUMNS = [
  { name: 'kind', type: 'u8', unit: '1', meaning: 'FlowRecordKind.' },
  { name: 'originatorAddress', type: 'address', unit: '1', meaning: 'Sender of the SYN, else of the first packet.' },
  { name: 'responderAddress', type: 'address', unit: '1', meaning: 'The other side.' },
  { name: 'originatorPort', type: 'u16', unit: '1', meaning: 'Port, or ICMP type.' },
  { name: 'responderPort', type: 'u16', unit: '1', meaning: 'Port, or ICMP counterpart or code.' },
  { name: 'protocol', type: 'u8', unit: '1', meaning: 'IANA protocol number.' },
  { name: 'tunnelKind', type: 'u8', unit: '1', meaning: 'TunnelKind.' },
  { name: 'tunnelId', type: 'u32', unit: '1', meaning: 'As in packets.' },
  { name: 'outcome', type: 'u8', unit: '1', meaning: 'FlowOutcome.' },
  { name: 'startUs', type: 'f64', unit: 'µs since 1970-01-01 UTC', meaning: 'First packet.' },
  { name: 'endUs', type: 'f64', unit: 'µs since 1970-01-01 UTC', meaning: 'Last packet so far.' },
  ...directed('originator', 'originator'),
  ...directed('responder', 'responder'),
  {
    name: 'handshakeRttUs',
    type: 'f64',
    unit: 'µs',
    meaning: 'TCP: SYN to the ACK of its SYN-ACK, seen at the sensor; 0 unknown.',
  },
  { name: 'conformance', type: 'u32', unit: '1', meaning: 'ConformanceBreach bits of all its packets.' },
  { name: 'payloadGuess', type: 'u8', unit: '1', meaning: 'PayloadGuess, the responder’s where known.' },
  { name: 'payloadEntropy', type: 'u8', unit: 'as in packets', meaning: 'Highest measured; 0 none.' },
  {
    name: 'firstSizes',
    type: 'bytes',
    unit: 'byte',
    meaning: 'Little-endian int16 each: payload bytes of the first packets, negative from the responder. At most 32.',
  },
  {
    name: 'firstGaps',
    type: 'bytes',
    unit: 'ms',
    meaning: 'Little-endian float32 each: gap before the same packets, 0 for the first.',
  },
] as const;

/** Flow records in columns. */
export type FlowRecordTable = ColumnTable<typeof FLOW_RECORD_COLUMNS>;

export function createFlowRecordTable(capacity: number): FlowRecordTable {
  return new ColumnTable(FLOW_RECORD_COLUMNS, capacity);
}
