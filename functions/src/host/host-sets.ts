import { type ActivityTable, finish, mix, Protocol } from '@weir/contracts';
import type { HostPartitionState } from './state.js';

/** Adds to one of the distinct sets of a host's shortest window; `set` by SET. */
export function addToSet({ sets, hosts }: HostPartitionState, row: number, set: number, hash: number): void {
  const at = hosts.setsAt(row, 0) + set;
  hosts.setHandles[at] = sets.add(hosts.setHandles[at]!, hash);
}

/** Of a protocol without ports, the protocol is what was tried. */
export function portHash(activity: ActivityTable, i: number): number {
  const { protocol, responderPort } = activity.columns;
  const port = responderPort[i]!;
  return finish(mix(3, port !== 0 || protocol[i] === Protocol.tcp ? port : 65_536 + protocol[i]!));
}
