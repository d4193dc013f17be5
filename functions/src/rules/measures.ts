import { sampleDeviation, share } from '../features/moments.js';
import { FIELD, SET } from '../host/fields.js';
import type { HostWindow } from '../host/host-window.js';

/** One number of a host's window that a rule may bound. */
export interface Measure {
  readonly unit: string;
  readonly meaning: string;
  of(window: HostWindow): number;
}

const field = (at: number, unit: string, meaning: string): Measure => ({
  unit,
  meaning,
  of: (window) => window.at(at),
});
const distinct = (set: number, unit: string, meaning: string): Measure => ({
  unit,
  meaning,
  of: (window) => window.distinct(set),
});
const ratio = (unit: string, meaning: string, part: (w: HostWindow) => number, whole: (w: HostWindow) => number) => ({
  unit,
  meaning,
  of: (window: HostWindow) => share(part(window), whole(window)),
});

const packets = (w: HostWindow) => w.at(FIELD.sentPackets) + w.at(FIELD.receivedPackets);
const bytes = (w: HostWindow) => w.at(FIELD.sentBytes) + w.at(FIELD.receivedBytes);
const connections = (w: HostWindow) => w.at(FIELD.startedOut) + w.at(FIELD.startedIn);

/** What rules may bound, by name. Names are part of what users write: append, never rename. */
export const MEASURES: Readonly<Record<string, Measure>> = {
  packets: { unit: 'packet', meaning: 'Packets sent and received', of: packets },
  packetsSent: field(FIELD.sentPackets, 'packet', 'Packets sent'),
  packetsReceived: field(FIELD.receivedPackets, 'packet', 'Packets received'),
  bytes: { unit: 'byte', meaning: 'Bytes sent and received', of: bytes },
  bytesSent: field(FIELD.sentBytes, 'byte', 'Bytes sent'),
  bytesReceived: field(FIELD.receivedBytes, 'byte', 'Bytes received'),
  connections: {
    unit: 'connection',
    meaning: 'Connections that the host began, and that were begun to it',
    of: connections,
  },
  connectionsOut: field(FIELD.startedOut, 'connection', 'Connections that the host began'),
  connectionsIn: field(FIELD.startedIn, 'connection', 'Connections that others began to the host'),
  failedOut: {
    unit: 'connection',
    meaning: 'Connections that the host began and that were refused or not answered',
    of: (w) => Math.max(0, w.at(FIELD.probesOut) - w.at(FIELD.lateAnswersOut)),
  },
  refusedOut: field(FIELD.refusedOut, 'connection', 'Connections that the host began and that were refused'),
  failedShare: {
    unit: '1',
    meaning: 'Share of the connections begun by the host that failed',
    of: (w) => w.failedShare,
  },
  peersOut: distinct(SET.peersOut, 'host', 'Distinct hosts that the host began connections to'),
  peersIn: distinct(SET.peersIn, 'host', 'Distinct hosts that began connections to the host'),
  portsOut: distinct(SET.portsOut, 'port', 'Distinct ports that the host began connections to'),
  portsIn: distinct(SET.portsIn, 'port', 'Distinct ports of the host that others began connections to'),
  targetsTried: distinct(SET.probeTargets, 'host', 'Distinct hosts that the host tried without success'),
  portsTried: distinct(SET.probePorts, 'port', 'Distinct ports that the host tried without success'),
  neighboursSought: distinct(
    SET.arpTargets,
    'address',
    'Distinct addresses that the host asked for by ARP or neighbour discovery',
  ),
  meanPacketBytes: ratio('byte', 'Bytes per packet', bytes, packets),
  packetsPerConnection: ratio('packet', 'Packets per connection', packets, connections),
  sentShare: ratio('1', 'Share of the bytes that the host sent', (w) => w.at(FIELD.sentBytes), bytes),
  tcpShare: ratio('1', 'Share of TCP among the packets', (w) => w.at(FIELD.tcpPackets), packets),
  udpShare: ratio('1', 'Share of UDP among the packets', (w) => w.at(FIELD.udpPackets), packets),
  icmpShare: ratio('1', 'Share of ICMP and ICMPv6 among the packets', (w) => w.at(FIELD.icmpPackets), packets),
  gapMeanMs: {
    unit: 'ms',
    meaning: 'Mean time between packets of a flow',
    of: (w) => share(w.at(FIELD.gapSumUs), w.at(FIELD.gapCount)) / 1000,
  },
  gapDeviationMs: {
    unit: 'ms',
    meaning: 'Standard deviation of the time between packets of a flow',
    of: (w) => sampleDeviation(w.at(FIELD.gapCount), w.at(FIELD.gapSumUs) / 100, w.at(FIELD.gapSquareSum)) / 10,
  },
};

/** In the order in which they are documented. */
export const MEASURE_NAMES = Object.keys(MEASURES);
