import { type Static, Type } from '@sinclair/typebox';
import { ColumnTable } from './columns.js';
import { Epoch, SensorCounters } from './packet-batch.js';

/** What happened to a flow within one pane (`events` column of ACTIVITY_COLUMNS), as bits. */
export const FlowEvent = {
  /** The flow's first packet lies in this pane. */
  started: 1,
  /** First packet back from the responder, other than a refusal. */
  answered: 2,
  /** TCP: handshake completed, or data seen both ways. */
  established: 4,
  /** TCP: RST before the handshake was completed. */
  rejected: 8,
  /** RST after the handshake. */
  reset: 16,
  /** FIN seen from both sides. */
  finished: 32,
  /** The flow is over; the total columns hold. */
  ended: 64,
  /** State, not event: up to the end of this pane the responder has sent nothing. */
  unanswered: 128,
  /** TCP began with neither SYN nor ACK nor RST (FIN, NULL, Xmas probes). With `started`. */
  oddStart: 256,
  /** TCP began with ACK but no SYN: under way before the capture, or an ACK probe. With `started`. */
  midstream: 512,
  /** Idle timeout passed without any answer. With `ended`. */
  timedOut: 1024,
  /** The table was full and this flow gave way. With `ended`. */
  evicted: 2048,
} as const;

/** Whose partition a contribution row is meant for (`roles` column), as bits; both when one partition holds both hosts. */
export const Role = { originator: 1, responder: 2 } as const;

/**
 * One row for each flow and pane (second of event time) in which something happened. Rows of a pane only add up: sums,
 * ors and sets, so their order does not matter.
 */
export const ACTIVITY_COLUMNS = [
  { name: 'timeUs', type: 'f64', unit: 'µs since 1970-01-01 UTC', meaning: 'First packet or event in the pane.' },
  {
    name: 'lastTimeUs',
    type: 'f64',
    unit: 'µs since 1970-01-01 UTC',
    meaning: 'Last packet in the pane; of the flow, and so before the pane, where an end alone was noticed in it.',
  },
  { name: 'roles', type: 'u8', unit: '1', meaning: 'Role bits: whose host this partition is to count for.' },
  { name: 'originatorAddress', type: 'address', unit: '1', meaning: 'Who began the flow.' },
  { name: 'responderAddress', type: 'address', unit: '1', meaning: 'Who was addressed.' },
  { name: 'originatorPort', type: 'u16', unit: '1', meaning: 'Port, or ICMP type.' },
  { name: 'responderPort', type: 'u16', unit: '1', meaning: 'Port, or ICMP counterpart or code.' },
  { name: 'protocol', type: 'u8', unit: '1', meaning: 'IANA protocol number.' },
  { name: 'events', type: 'u16', unit: '1', meaning: 'FlowEvent bits.' },
  { name: 'originatorPackets', type: 'u32', unit: 'packet', meaning: 'Sent by the originator in the pane.' },
  { name: 'responderPackets', type: 'u32', unit: 'packet', meaning: 'Sent by the responder in the pane.' },
  { name: 'originatorBytes', type: 'u32', unit: 'byte', meaning: 'Frame bytes sent by the originator in the pane.' },
  { name: 'responderBytes', type: 'u32', unit: 'byte', meaning: 'Frame bytes sent by the responder in the pane.' },
  { name: 'synPackets', type: 'u32', unit: 'packet', meaning: 'SYN without ACK from the originator in the pane.' },
  {
    name: 'gapCount',
    type: 'u32',
    unit: '1',
    meaning: 'Gaps between successive packets of one direction of the flow that end in the pane.',
  },
  { name: 'gapSumUs', type: 'f64', unit: 'µs', meaning: 'Their sum.' },
  {
    name: 'gapSquareSum',
    type: 'f64',
    unit: '(100 µs)², whole',
    meaning: 'Sum of their squares, rounded, so that any order of adding rows gives the same sum.',
  },
  { name: 'conformance', type: 'u32', unit: '1', meaning: 'ConformanceBreach bits of packets in the pane.' },
  { name: 'payloadGuess', type: 'u8', unit: '1', meaning: 'PayloadGuess of the flow so far, responder first.' },
  {
    name: 'payloadEntropy',
    type: 'u8',
    unit: 'as in packets',
    meaning: 'Highest payloadEntropy measured in packets of the pane; 0 none.',
  },
  { name: 'totalDurationMs', type: 'u32', unit: 'ms', meaning: 'With `ended`: first to last packet.' },
  { name: 'totalOriginatorPackets', type: 'u32', unit: 'packet', meaning: 'With `ended`: of the whole flow.' },
  { name: 'totalResponderPackets', type: 'u32', unit: 'packet', meaning: 'With `ended`: of the whole flow.' },
  { name: 'totalOriginatorBytes', type: 'u32', unit: 'byte', meaning: 'With `ended`: payload, at most 2^32 − 1.' },
  { name: 'totalResponderBytes', type: 'u32', unit: 'byte', meaning: 'With `ended`: payload, at most 2^32 − 1.' },
] as const;

/**
 * One row for each note of a packet, for the partition of its client, or ARP sender. What is about a network (DHCP, router
 * advertisements) has the client `::`, so that one partition sees all of it.
 */
export const NOTE_COLUMNS = [
  { name: 'timeUs', type: 'f64', unit: 'µs since 1970-01-01 UTC', meaning: 'Time of the packet.' },
  {
    name: 'clientAddress',
    type: 'address',
    unit: '1',
    meaning: 'Who asked; ARP: the sender; DHCP, router advertisements: `::`.',
  },
  { name: 'serverAddress', type: 'address', unit: '1', meaning: 'Who was asked; ARP: the target.' },
  { name: 'serverPort', type: 'u16', unit: '1', meaning: 'Port of the server; ARP: 0.' },
  { name: 'protocol', type: 'u8', unit: '1', meaning: 'IANA protocol number; ARP: 0.' },
  { name: 'noteKind', type: 'u8', unit: '1', meaning: 'NoteKind.' },
  { name: 'noteCode', type: 'u16', unit: '1', meaning: 'By note kind.' },
  { name: 'noteValue', type: 'u32', unit: '1', meaning: 'By note kind.' },
  { name: 'noteText', type: 'bytes', unit: 'UTF-8, icmpError: bytes', meaning: 'By note kind.' },
] as const;

export type ActivityTable = ColumnTable<typeof ACTIVITY_COLUMNS>;
export type NoteTable = ColumnTable<typeof NOTE_COLUMNS>;

const count = (description: string) => Type.Number({ minimum: 0, description });

/** Counts that concern a whole flow partition, since it began. */
export const FlowPartitionCounters = Type.Object(
  {
    packets: count('Packets'),
    bytes: count('Frame bytes'),
    nonIpPackets: count('Packets that are not IP'),
    flowsStarted: count('Flows that started'),
    flowsEnded: count('Flows that ended'),
    flowsEvicted: count('Flows that gave way in a full table'),
    flowsLive: count('Flows in the table now'),
    batchesMissing: count('Batches of the sensor that never came'),
    batchesRepeated: count('Batches that came twice and were dropped'),
  },
  { $id: 'FlowPartitionCounters', description: 'Counts since the partition began' },
);
export type FlowPartitionCounters = Static<typeof FlowPartitionCounters>;

/** What a host batch says besides its rows. */
export const HostBatchHeader = Type.Object(
  {
    upstream: Type.String({ maxLength: 64, description: 'Address of the sender, flow/<sensor>/<n>' }),
    sensor: Type.String({ pattern: '^[a-z0-9-]{1,32}$', description: 'Name of the sensor' }),
    partitions: Type.Integer({ minimum: 1, maximum: 65_536, description: 'Flow partitions that this sensor fills' }),
    epoch: Epoch,
    sequence: Type.Integer({
      minimum: 0,
      description: 'Counts the batches from upstream to this partition from 0, in each epoch',
    }),
    watermarkS: Type.Integer({
      minimum: 0,
      maximum: 0xffff_ffff,
      description: 'No later batch from upstream has a row before this second; 2^32 − 1: it has ended',
    }),
    counters: FlowPartitionCounters,
    sensorCounters: SensorCounters,
  },
  { $id: 'HostBatchHeader', description: 'What a host batch says besides its rows' },
);
export type HostBatchHeader = Static<typeof HostBatchHeader>;

/** One message from a flow partition to a host partition. Its rows may lie in several panes, nearly in order. */
export interface HostBatch extends HostBatchHeader {
  activity: ActivityTable;
  notes: NoteTable;
}

export function createActivityTable(capacity: number): ActivityTable {
  return new ColumnTable(ACTIVITY_COLUMNS, capacity);
}

export function createNoteTable(capacity: number): NoteTable {
  return new ColumnTable(NOTE_COLUMNS, capacity);
}
