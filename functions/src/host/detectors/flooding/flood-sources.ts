import { Role } from '@weir/contracts';
import type { FlowFilter, HostWindow, Peers } from '../../host-window.js';
import { readable } from '../detector.js';

/** Sources that are named; a flood from more is taken for forged or distributed. */
const FEW_SOURCES = 8;

/** Who is accused of a flood: its few sources, or nobody when there are many. */
function accused(peers: Peers): { sources: string[]; from: string } {
  if (peers.count === 0) return { sources: [], from: '' };
  if (peers.count > FEW_SOURCES)
    return { sources: [], from: ` from at least ${readable(peers.count)} sources in the last second, likely forged` };
  const sources = peers.byPackets.map((p) => p.address);
  return { sources, from: ` from ${sources.join(', ')}` };
}

/** Who sends a host the flood, and a few of its flows, from what the current second holds. */
export function floodPeers(window: HostWindow, filter: FlowFilter) {
  const peers = window.peers(filter === 'unasked' ? Role.originator : Role.responder, filter);
  return { ...accused(peers), flows: peers.flows };
}

/** What to do about any flood, first thing first. */
export const FLOOD_ADVICE = [
  'Check whether the target still serves its users.',
  'Drop or rate-limit this traffic as far upstream as you can; ask the provider when the link is full.',
];
export const FLOOD_TECHNIQUES = [{ id: 'T1498.001', name: 'Network Denial of Service: Direct Network Flood' }];
