// The decoder's hot passes as WebAssembly. A block of packets is copied in, its plain packets are decoded, the layered decoder
// on the other side decodes what is left, flows are hashed, and payloads are looked at.

import * as m from './memory';

export { decodePlain, nextBreach } from './plain';
export { undecoded } from './usual';
export { rawCount, scanRecords, setRecordFormat } from './records';
export { hashFlows } from './flow-key';
export { payloadEntropy } from './entropy';
export { inspect, resume } from './inspect';

export const entropySteps: usize = m.ENTROPY_STEPS;
export const entropyShares: usize = m.ENTROPY_SHARES;
export const entropyLogs: usize = m.ENTROPY_LOGS;
export const illegalFlags: usize = m.ILLEGAL_FLAGS;
export const nameBytes: usize = m.NAME_BYTES;
export const rawColumns: usize = m.RAW;
export const packetColumns: usize = m.PACKETS;
export const blockColumns: usize = m.BLOCK;
export const bytes: usize = m.BYTES;
export const followedHashes: usize = m.FOLLOWED_HASHES;
export const followedValues: usize = m.FOLLOWED_VALUES;
export const visit: usize = m.VISIT;
export const icmpBytes: usize = m.ICMP_BYTES;
export const icmpv6Bytes: usize = m.ICMPV6_BYTES;
export const icmpCounterparts: usize = m.ICMP_COUNTERPARTS;
export const icmpv6Counterparts: usize = m.ICMPV6_COUNTERPARTS;

/** Once, before all else. */
export function begin(): void {
  m.takeMemory();
}
