import {
  FlowEvent,
  type FlowReference,
  finish,
  formatAddress,
  hashAddress,
  mix,
  Protocol,
  Role,
  WINDOW_LENGTHS_S,
} from '@weir/contracts';
import type { HostConfig } from './config.js';
import { observersOf } from './detectors/keyed-observers.js';
import { flowReference } from './detectors/stores/kept-flows.js';
import { FIELD } from './fields.js';
import type { PaneQueue } from './pane-queue.js';
import { isGroupAddress, isUnansweredProbe } from './probes.js';
import { isUnaskedAnswer } from './reflectors.js';
import type { HostPartitionState } from './state.js';

/** Which flows of the current pane a detector wants to show. */
export type FlowFilter = 'probes' | 'syn' | 'udp-unanswered' | 'icmp' | 'stray' | 'unasked';

/** Flows shown with an alert, at most. */
const FLOWS_SHOWN = 5;
/** Peers that are told apart; of a flood from more, none would be named anyway. */
const PEERS_COUNTED = 4096;
/** Time of which a host's past must be known. Unit: s. */
const LEAST_BEFORE_S = 30;
/** Peers named with an alert, at most. */
const PEERS_NAMED = 8;

/** What one side of the current pane's flows did, for naming sources and targets. */
export interface Peers {
  /** The eight with most packets, most first, then by address. Worked out when it is asked for. */
  readonly byPackets: { address: string; packets: number }[];
  /** How many peers there are, up to a few thousand. */
  count: number;
  flows: FlowReference[];
}

/** One host's window as detectors see it. One object is reused for all hosts. */
export class HostWindow {
  private state!: HostPartitionState;
  private block = 0;
  private handles = 0;
  row = 0;
  /** Index into WINDOW_LENGTHS_S. */
  window = 0;
  startS = 0;

  point(state: HostPartitionState, row: number, window: number): this {
    this.state = state;
    this.row = row;
    this.window = window;
    this.startS = state.windowStartS[window]!;
    this.block = state.hosts.blockAt(row, window);
    this.handles = state.hosts.setsAt(row, window);
    return this;
  }

  get lengthS(): number {
    return WINDOW_LENGTHS_S[this.window]!;
  }

  get address(): string {
    return this.addressAt(this.state.hosts.addresses);
  }

  /** Whether the host is none, but a group or a broadcast address. */
  get isGroup(): boolean {
    return isGroupAddress(new Uint8Array(this.state.hosts.addresses.buffer), this.row * 16);
  }

  /** Copies the address to the first four words, in the order of memory. */
  copyAddress(words: Uint32Array): void {
    for (let k = 0; k < 4; k++) words[k] = this.state.hosts.addresses[this.row * 4 + k]!;
  }

  /** The target that this host probed last. */
  get lastTarget(): string {
    return this.addressAt(this.state.hosts.lastTargets);
  }

  private addressAt(words: Uint32Array): string {
    return formatAddress(new Uint8Array(words.buffer, words.byteOffset + this.row * 16, 16));
  }

  /** A number of the window, by FIELD. */
  at(field: number): number {
    return this.state.hosts.blocks[this.block + field]!;
  }

  /** How many distinct things a set of the window holds, by SET. */
  distinct(set: number): number {
    return this.state.sets.count(this.state.hosts.setHandles[this.handles + set]!);
  }

  /** Handle of a set of the window, by SET. */
  setHandle(set: number): number {
    return this.state.hosts.setHandles[this.handles + set]!;
  }

  /** The address as a number, to key by. */
  get addressHash(): number {
    return hashAddress(this.state.hosts.addresses, this.row * 4);
  }

  /**
   * Packets a second that the host received in the time of the longest window before this one, which is the shortest;
   * undefined where that is less than half a minute, or the host was not there.
   */
  get receivedBefore(): number | undefined {
    const { hosts, windowStartS } = this.state;
    const beforeS = windowStartS[0]! - windowStartS[WINDOW_LENGTHS_S.length - 1]!;
    if (beforeS < LEAST_BEFORE_S) return undefined;
    let [packets, contributions] = [0, 0];
    for (let window = 1; window < WINDOW_LENGTHS_S.length; window++) {
      const block = hosts.blockAt(this.row, window);
      packets += hosts.blocks[block + FIELD.receivedPackets]!;
      contributions += hosts.blocks[block + FIELD.contributions]!;
    }
    return contributions === 0 ? undefined : packets / beforeS;
  }

  /** Whether what this host is sent is a part of what its whole network is sent. */
  isExplained(config: HostConfig): boolean {
    return observersOf(this.state.keyed).pane.some((detector) => detector.explains?.(this, config));
  }

  /** Share of the flows begun by the host that stayed unanswered or were refused; 0 without flows. */
  get failedShare(): number {
    const started = this.at(FIELD.startedOut);
    return started === 0 ? 0 : Math.max(0, this.at(FIELD.probesOut) - this.at(FIELD.lateAnswersOut)) / started;
  }

  /** The host's peers in the current pane, on the other side of `role`, and a few of their flows, earliest first. */
  peers(role: number, filter: FlowFilter): Peers {
    const own = this.state.hosts.addresses.subarray(this.row * 4, this.row * 4 + 4);
    const byHash = new Map<number, Peer>();
    const flows: ShownFlow[] = [];
    for (const queue of this.state.queues.values())
      for (let i = queue.takenActivity; i >= 0; i = queue.nextActivity(i)) {
        if (!isFlowOf(queue, i, role, own) || !matches(queue, i, filter)) continue;
        countPeer(byHash, queue, i, role, packetsOf(queue, i, filter));
        if (isAmongEarliest(flows, queue.activity.columns.timeUs[i]!)) keepEarliest(flows, queue, i);
      }
    return {
      get byPackets() {
        return largest([...byHash.values()], role);
      },
      count: byHash.size,
      flows: flows.map(({ queue, i }) => flowReference(queue.activity, i)),
    };
  }
}

/** Packets to or from one peer, and a row in which its address stands. */
interface Peer {
  packets: number;
  queue: PaneQueue;
  i: number;
}

interface ShownFlow {
  queue: PaneQueue;
  i: number;
  timeUs: number;
  /** Orders flows of the same time, whatever the order of their rows. */
  tieBreak: number;
}

function isFlowOf(queue: PaneQueue, i: number, role: number, own: Uint32Array): boolean {
  const c = queue.activity.columns;
  if (!(c.roles[i]! & role)) return false;
  const words = (role === Role.originator ? c.originatorAddress : c.responderAddress).words;
  return (
    words[i * 4 + 3] === own[3] && words[i * 4 + 2] === own[2] && words[i * 4 + 1] === own[1] && words[i * 4] === own[0]
  );
}

function matches(queue: PaneQueue, i: number, filter: FlowFilter): boolean {
  const c = queue.activity.columns;
  switch (filter) {
    case 'probes':
      return (c.events[i]! & FlowEvent.started) !== 0 && isUnansweredProbe(queue.activity, i, c.events[i]!);
    case 'syn':
      return c.synPackets[i]! > 0;
    case 'stray':
      return isStray(c.protocol[i]!) && c.synPackets[i] === 0 && (c.events[i]! & FlowEvent.unanswered) !== 0;
    case 'unasked':
      return isUnaskedAnswer(queue.activity, i, c.events[i]!);
    case 'udp-unanswered':
      return c.protocol[i] === Protocol.udp && c.originatorPackets[i]! > 0;
    case 'icmp':
      return c.protocol[i] === Protocol.icmp || c.protocol[i] === Protocol.icmpv6;
  }
}

/** Of TCP and all that is neither UDP nor ICMP. */
function isStray(protocol: number): boolean {
  return protocol !== Protocol.udp && protocol !== Protocol.icmp && protocol !== Protocol.icmpv6;
}

function peerColumn(queue: PaneQueue, role: number) {
  return role === Role.originator ? queue.activity.columns.responderAddress : queue.activity.columns.originatorAddress;
}

/** Packets of a row that count for what is looked for: what was not asked for is sent by the responder. */
function packetsOf({ activity: { columns: c } }: PaneQueue, i: number, filter: FlowFilter): number {
  return (filter === 'unasked' ? c.responderPackets : c.originatorPackets)[i]!;
}

function countPeer(byHash: Map<number, Peer>, queue: PaneQueue, i: number, role: number, packets: number): void {
  const hash = hashAddress(peerColumn(queue, role).words, i * 4) | 0;
  const peer = byHash.get(hash);
  if (peer) peer.packets += packets;
  else if (byHash.size < PEERS_COUNTED) byHash.set(hash, { queue, i, packets });
}

/** The peers with most packets, then by address. */
function largest(peers: Peer[], role: number): Peers['byPackets'] {
  const fewest = peers.map((peer) => peer.packets).sort((a, b) => b - a)[PEERS_NAMED - 1] ?? 0;
  return peers
    .filter((peer) => peer.packets >= fewest)
    .map(({ queue, i, packets }) => ({ address: formatAddress(peerColumn(queue, role).bytes, i * 16), packets }))
    .sort((a, b) => b.packets - a.packets || (a.address < b.address ? -1 : 1))
    .slice(0, PEERS_NAMED);
}

function isAmongEarliest(kept: readonly ShownFlow[], timeUs: number): boolean {
  return kept.length < FLOWS_SHOWN || timeUs <= kept[FLOWS_SHOWN - 1]!.timeUs;
}

function keepEarliest(kept: ShownFlow[], queue: PaneQueue, i: number): void {
  const c = queue.activity.columns;
  const timeUs = c.timeUs[i]!;
  const ports = (c.originatorPort[i]! << 16) | c.responderPort[i]!;
  const tieBreak = finish(
    mix(mix(ports, hashAddress(c.originatorAddress.words, i * 4)), c.responderAddress.words[i * 4 + 3]!),
  );
  const at = kept.findIndex((k) => k.timeUs > timeUs || (k.timeUs === timeUs && k.tieBreak > tieBreak));
  kept.splice(at < 0 ? kept.length : at, 0, { queue, i, timeUs, tieBreak });
  if (kept.length > FLOWS_SHOWN) kept.pop();
}
