import { type Static, Type } from '@sinclair/typebox';
import { ColumnTable } from './columns.js';

/** What lies in the network layer of a packet (`networkLayer` column). */
export const NetworkLayer = { other: 0, arp: 1, ipv4: 4, ipv6: 6 } as const;

/** What carried the packet (`tunnelKind` column); the innermost tunnel counts. */
export const TunnelKind = { none: 0, gre: 1, ipInIp: 2, sixInFour: 3, vxlan: 4, geneve: 5, gtpU: 6 } as const;

/** Transport protocol numbers that Weir treats by name (IANA protocol numbers). */
export const Protocol = { icmp: 1, igmp: 2, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const;

/** Bits of the `tcpFlags` column (RFC 9293 3.1). */
export const TcpFlag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ece: 64, cwr: 128 } as const;

/**
 * One row a packet, in capture order. Headers and time only; payload leaves the sensor as what it shows (notes, guess,
 * entropy), never as bytes.
 */
export const PACKET_COLUMNS = [
  {
    name: 'timeUs',
    type: 'f64',
    unit: 'µs since 1970-01-01 UTC',
    meaning:
      'Capture time, whole microseconds. A packet older than the watermark at its arrival is given the watermark.',
  },
  {
    name: 'watermarkS',
    type: 'u32',
    unit: 's since 1970-01-01 UTC',
    meaning: 'The sensor watermark when this packet came: no packet from here on has timeUs before it.',
  },
  {
    name: 'networkLayer',
    type: 'u8',
    unit: '1',
    meaning: 'NetworkLayer: 0 other, 1 ARP, 4 IPv4, 6 IPv6. "other" rows have no addresses and only count.',
  },
  {
    name: 'sourceAddress',
    type: 'address',
    unit: '1',
    meaning: 'Innermost IP source; ARP: the sender protocol address.',
  },
  {
    name: 'destinationAddress',
    type: 'address',
    unit: '1',
    meaning: 'Innermost IP destination; ARP: the target protocol address.',
  },
  {
    name: 'sourcePort',
    type: 'u16',
    unit: '1',
    meaning:
      'TCP, UDP, SCTP source port. ICMP: as Community ID maps it (type, or the pair of types). Later fragments take the ports of the first when it was seen, else 0.',
  },
  { name: 'destinationPort', type: 'u16', unit: '1', meaning: 'As sourcePort, for the destination.' },
  { name: 'protocol', type: 'u8', unit: '1', meaning: 'IANA protocol number of the transport; ARP and other: 0.' },
  {
    name: 'tcpFlags',
    type: 'u8',
    unit: '1',
    meaning: 'TcpFlag bits; of SCTP, rst for an ABORT; 0 for other protocols.',
  },
  {
    name: 'flowHash',
    type: 'u32',
    unit: '1',
    meaning: 'Hash of the flow key, the same for both directions (hashFlow). Chooses the partition.',
  },
  { name: 'tunnelKind', type: 'u8', unit: '1', meaning: 'TunnelKind of the innermost tunnel. Part of the flow key.' },
  {
    name: 'tunnelId',
    type: 'u32',
    unit: '1',
    meaning:
      'GRE key, VXLAN or Geneve VNI; 0 without. Part of the flow key. GTP-U: 0, as its TEIDs differ by direction.',
  },
  {
    name: 'lengthBytes',
    type: 'u32',
    unit: 'byte',
    meaning: 'Length of the frame on the wire, from the link header on.',
  },
  {
    name: 'payloadBytes',
    type: 'u32',
    unit: 'byte',
    meaning: 'Transport payload on the wire, by the IP length, whether or not it was captured.',
  },
  { name: 'tcpSequence', type: 'u32', unit: '1', meaning: 'TCP sequence number; 0 for other protocols.' },
  { name: 'tcpAcknowledgment', type: 'u32', unit: '1', meaning: 'TCP acknowledgment number; 0 for other protocols.' },
  { name: 'tcpWindow', type: 'u16', unit: '1', meaning: 'TCP window field, unscaled; 0 for other protocols.' },
  { name: 'conformance', type: 'u32', unit: '1', meaning: 'ConformanceBreach bits found in this packet.' },
  {
    name: 'payloadGuess',
    type: 'u8',
    unit: '1',
    meaning: 'PayloadGuess of the first payloads of a flow direction; 0 where not looked at.',
  },
  {
    name: 'payloadEntropy',
    type: 'u8',
    unit: '1/254 of the entropy that random bytes of the same number would show',
    meaning: '0 not measured, else 1 + share × 254. Measured on the first payloads of a flow direction.',
  },
  { name: 'noteKind', type: 'u8', unit: '1', meaning: 'NoteKind of what the payload showed; 0 nothing.' },
  { name: 'noteCode', type: 'u16', unit: '1', meaning: 'By note kind, see NoteKind.' },
  { name: 'noteValue', type: 'u32', unit: '1', meaning: 'By note kind, see NoteKind.' },
  {
    name: 'noteText',
    type: 'bytes',
    unit: 'UTF-8, icmpError: bytes',
    meaning: 'By note kind, see NoteKind. At most 255 bytes.',
  },
] as const;

/** Packets in columns. */
export type PacketTable = ColumnTable<typeof PACKET_COLUMNS>;

const count = (description: string) => Type.Number({ minimum: 0, description });

/** Which run of a sensor: a run told again (a file read once more) has the same, and any other run another. */
export const Epoch = Type.Integer({
  minimum: 0,
  description: 'Run of the sensor. Live: its start, ms since 1970-01-01 UTC. File: follows from the file',
});

/** Who sent a batch, and how far its sensor's time has come. */
export const BatchHeader = Type.Object(
  {
    sensor: Type.String({ pattern: '^[a-z0-9-]{1,32}$', description: 'Name of the sensor' }),
    partition: Type.Integer({ minimum: 0, description: 'Flow partition, from 0' }),
    partitions: Type.Integer({ minimum: 1, maximum: 65_536, description: 'Flow partitions that this sensor fills' }),
    epoch: Epoch,
    sequence: Type.Integer({
      minimum: 0,
      description: 'Counts the batches of this sensor, partition and epoch from 0: repeats are dropped, gaps counted',
    }),
    watermarkS: Type.Integer({
      minimum: 0,
      maximum: 0xffff_ffff,
      description:
        'All packets of the sensor after this batch have timeUs at or after this second. 2^32 − 1: the sensor has ended',
    }),
  },
  { $id: 'BatchHeader', description: 'Who sent a batch, and how far its time has come' },
);
export type BatchHeader = Static<typeof BatchHeader>;

/** What a live sensor measures about itself, against the clock of its machine. */
export const LiveMeasures = Type.Object(
  {
    clockMs: count('Its clock when this was measured, ms since 1970-01-01 UTC'),
    lagMs: count(
      'Greatest age of a packet when it was read, or of a batch that waits to be sent, since the tick before',
    ),
    aheadMs: count('How far the time of a packet lay ahead of the clock, at most, since the tick before'),
    clockSetMs: count('By how much the clock was set on or back since the start, all together'),
  },
  { $id: 'LiveMeasures', description: 'What a live sensor measures about itself' },
);
export type LiveMeasures = Static<typeof LiveMeasures>;

/** What a sensor counted since its start, carried in each batch. */
export const SensorCounters = Type.Object(
  {
    packetsCaptured: count('Packets handed to the decoder'),
    packetsDroppedByKernel: count('Lost before Weir could read them'),
    packetsDroppedByInterface: count('Lost by the network card or driver'),
    packetsLate: count('Older than the watermark at arrival (their time was raised to it)'),
    packetsUndecoded: count('Frames that could not be decoded up to a transport layer'),
    live: Type.Optional(LiveMeasures),
  },
  { $id: 'SensorCounters', description: 'Counts since the start of the sensor' },
);
export type SensorCounters = Static<typeof SensorCounters>;

/** Nothing counted yet. */
export const NO_COUNTERS: SensorCounters = {
  packetsCaptured: 0,
  packetsDroppedByKernel: 0,
  packetsDroppedByInterface: 0,
  packetsLate: 0,
  packetsUndecoded: 0,
};

/** Rows of one batch at most: what a batch comes to, in flows and their lines, must fit into one answer. */
export const MOST_BATCH_ROWS = 100_000;

/** The watermark of a sensor that has ended: every window may close. */
export const END_OF_TIME_S = 0xffff_ffff;

/** One message of the `packets` topic. */
export interface PacketBatch {
  header: BatchHeader;
  counters: SensorCounters;
  packets: PacketTable;
}

/** An empty packet table with room for `capacity` packets. */
export function createPacketTable(capacity: number): PacketTable {
  return new ColumnTable(PACKET_COLUMNS, capacity);
}
