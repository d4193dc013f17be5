import { formatAddress, type TrafficWindow, WINDOW_LENGTHS_S } from '@weir/contracts';
import { sampleDeviation, share } from '../features/moments.js';
import { FIELD, SET } from './fields.js';
import { NETWORK_ROW } from './host-rows.js';
import type { HostPartitionState } from './state.js';

/** Window `window` of host (or network) `row` in the words of the contract. */
export function describeWindow(state: HostPartitionState, row: number, window: number): TrafficWindow {
  const { hosts, sets } = state;
  const block = hosts.blockAt(row, window);
  const at = (field: number) => hosts.blocks[block + field]!;
  const distinct = (set: number) => sets.count(hosts.setHandles[hosts.setsAt(row, window) + set]!);
  const isNetwork = row === NETWORK_ROW;
  // For the network each packet was counted once, as sent or as received.
  const packets = at(FIELD.sentPackets) + at(FIELD.receivedPackets);
  const bytes = at(FIELD.sentBytes) + at(FIELD.receivedBytes);
  const connections = at(FIELD.startedOut) + at(FIELD.startedIn);
  // An answer takes back a failure that an earlier window may have counted.
  const failed = Math.max(0, at(FIELD.failed));
  const startMs = state.windowStartS[window]! * 1000;
  return {
    scope: isNetwork ? 'network' : 'host',
    ...(isNetwork ? {} : { address: addressOf(state, row) }),
    partition: state.partition,
    startMs,
    endMs: startMs + WINDOW_LENGTHS_S[window]! * 1000,
    packets,
    bytes,
    connections,
    sources: distinct(SET.peersIn),
    destinations: distinct(SET.peersOut),
    ports: isNetwork ? distinct(SET.portsOut) : distinct(SET.portsOut) + distinct(SET.portsIn),
    meanPacketBytes: share(bytes, packets),
    tcpShare: share(at(FIELD.tcpPackets), packets),
    udpShare: share(at(FIELD.udpPackets), packets),
    icmpShare: share(at(FIELD.icmpPackets), packets),
    gapMeanMs: share(at(FIELD.gapSumUs), at(FIELD.gapCount)) / 1000,
    gapDeviationMs: sampleDeviation(at(FIELD.gapCount), at(FIELD.gapSumUs) / 100, at(FIELD.gapSquareSum)) / 10,
    packetsPerConnection: share(packets, connections),
    failedShare: share(failed, failed + at(FIELD.succeeded)),
    topPeers: largestPeers(state, row, window),
  };
}

function largestPeers({ hosts, peers }: HostPartitionState, row: number, window: number) {
  const handle = hosts.peerHandles[row * WINDOW_LENGTHS_S.length + window]!;
  return peers.entries(handle).map(({ address, weight }) => ({ address: formatAddress(address), bytes: weight }));
}

function addressOf(state: HostPartitionState, row: number): string {
  const { addresses } = state.hosts;
  return formatAddress(new Uint8Array(addresses.buffer, addresses.byteOffset + row * 16, 16));
}
