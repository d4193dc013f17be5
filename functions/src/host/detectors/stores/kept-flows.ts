import { type ActivityTable, communityId, type FlowReference, formatAddress, formatEndpoint } from '@weir/contracts';

/** Flows kept with a key, to be shown: the first. */
const FLOWS_KEPT = 5;

/**
 * A flow that may be shown one day, as numbers: the eight words of originator and responder, both ports, the protocol.
 * Most are never shown, so nothing is written out before.
 */
export type KeptFlow = readonly number[];

/** Keeps activity row `i` if there is room. */
export function keepFlow(kept: KeptFlow[], { columns: c }: ActivityTable, i: number): void {
  if (kept.length >= FLOWS_KEPT) return;
  const [a, b] = [c.originatorAddress.words, c.responderAddress.words];
  const w = i * 4;
  const ports = [c.originatorPort[i]!, c.responderPort[i]!, c.protocol[i]!];
  kept.push([a[w]!, a[w + 1]!, a[w + 2]!, a[w + 3]!, b[w]!, b[w + 1]!, b[w + 2]!, b[w + 3]!, ...ports]);
}

/** Kept flows as an alert refers to them. */
export function flowsOf({ flows }: { flows: readonly KeptFlow[] }): FlowReference[] {
  return flows.map((kept) => {
    const bytes = new Uint8Array(Uint32Array.from(kept.slice(0, 8)).buffer);
    const [sourcePort = 0, destinationPort = 0, protocol = 0] = kept.slice(8);
    return referenceTo({
      source: bytes.subarray(0, 16),
      destination: bytes.subarray(16),
      sourcePort,
      destinationPort,
      protocol,
    });
  });
}

/** Activity row `i` as an alert refers to it. */
export function flowReference({ columns: c }: ActivityTable, i: number): FlowReference {
  return referenceTo({
    source: c.originatorAddress.bytes.subarray(i * 16, i * 16 + 16),
    destination: c.responderAddress.bytes.subarray(i * 16, i * 16 + 16),
    sourcePort: c.originatorPort[i]!,
    destinationPort: c.responderPort[i]!,
    protocol: c.protocol[i]!,
  });
}

function referenceTo(tuple: Parameters<typeof communityId>[0]): FlowReference {
  const { source, destination, sourcePort, destinationPort, protocol } = tuple;
  return {
    communityId: communityId(tuple),
    originator: formatEndpoint(formatAddress(source), sourcePort),
    responder: formatEndpoint(formatAddress(destination), destinationPort),
    protocol,
  };
}
