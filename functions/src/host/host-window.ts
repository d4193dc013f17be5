import { communityId, type FlowReference, formatAddress, Protocol, Role, WINDOW_LENGTHS_S } from '@weir/contracts';
import { isUnansweredProbe } from './count.js';
import { FIELD } from './fields.js';
import type { PaneQueue } from './pane-queue.js';
import type { HostPartitionState } from './state.js';

/** Which flows of the current pane a detector wants to show. */
export type FlowFilter = 'probes' | 'syn' | 'udp-unanswered' | 'icmp';

/** Flows shown with an alert, at most. */
const FLOWS_SHOWN = 5;

/** What one side of the current pane's flows did, for naming sources and targets. */
export interface Peers {
  /** Peer addresses with packets, most first, then by address. */
  byPackets: { address: string; packets: number }[];
  /** How many peers there are. */
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
    this.block = state.hosts.blockAt(row, 1 + window);
    this.handles = state.hosts.setsAt(row, window);
    return this;
  }

  get lengthS(): number {
    return WINDOW_LENGTHS_S[this.window]!;
  }

  get address(): string {
    return this.addressAt(this.state.hosts.addresses);
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

  /** Share of the flows begun by the host that stayed unanswered or were refused; 0 without flows. */
  get failedShare(): number {
    const started = this.at(FIELD.startedOut);
    return started === 0 ? 0 : Math.max(0, this.at(FIELD.probesOut) - this.at(FIELD.lateAnswersOut)) / started;
  }

  /** The host's peers in the current pane, on the other side of `role`, and a few of their flows, smallest first. */
  peers(role: number, filter: FlowFilter): Peers {
    const own = this.state.hosts.addresses.subarray(this.row * 4, this.row * 4 + 4);
    const byKey = new Map<string, { address: string; packets: number }>();
    const flows: { key: string; reference: FlowReference }[] = [];
    for (const queue of this.state.queues.values())
      queue.forEachTaken((i) => {
        if (!isFlowOf(queue, i, role, own) || !matches(queue, i, filter)) return;
        addPeer(byKey, queue, i, role);
        keepSmallest(flows, queue, i);
      });
    const byPackets = [...byKey.values()].sort((a, b) => b.packets - a.packets || (a.address < b.address ? -1 : 1));
    return { byPackets, count: byPackets.length, flows: flows.map((f) => f.reference) };
  }
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
      return (c.events[i]! & 1) !== 0 && isUnansweredProbe(queue.activity, i, c.events[i]!);
    case 'syn':
      return c.synPackets[i]! > 0;
    case 'udp-unanswered':
      return c.protocol[i] === Protocol.udp && c.originatorPackets[i]! > 0;
    case 'icmp':
      return c.protocol[i] === Protocol.icmp || c.protocol[i] === Protocol.icmpv6;
  }
}

function addPeer(
  byKey: Map<string, { address: string; packets: number }>,
  queue: PaneQueue,
  i: number,
  role: number,
): void {
  const c = queue.activity.columns;
  const address = formatAddress((role === Role.originator ? c.responderAddress : c.originatorAddress).bytes, i * 16);
  const peer = byKey.get(address);
  if (peer) peer.packets += c.originatorPackets[i]!;
  else byKey.set(address, { address, packets: c.originatorPackets[i]! });
}

/** Keeps the few flows that come first by time and ports, so that any order of rows shows the same ones. */
function keepSmallest(kept: { key: string; reference: FlowReference }[], queue: PaneQueue, i: number): void {
  const c = queue.activity.columns;
  const last = kept[kept.length - 1];
  const time = c.timeUs[i]!.toFixed(0);
  if (kept.length === FLOWS_SHOWN && last && time > last.key.slice(0, time.length)) return;
  const reference = flowReference(queue, i);
  const key = `${time} ${reference.communityId}`;
  const at = kept.findIndex((k) => k.key > key);
  kept.splice(at < 0 ? kept.length : at, 0, { key, reference });
  if (kept.length > FLOWS_SHOWN) kept.pop();
}

/** Activity row `i` as an alert refers to it. */
export function flowReference(queue: { activity: PaneQueue['activity'] }, i: number): FlowReference {
  const c = queue.activity.columns;
  const source = c.originatorAddress.bytes.subarray(i * 16, i * 16 + 16);
  const destination = c.responderAddress.bytes.subarray(i * 16, i * 16 + 16);
  const [sourcePort, destinationPort, protocol] = [c.originatorPort[i]!, c.responderPort[i]!, c.protocol[i]!];
  return {
    communityId: communityId({ source, destination, sourcePort, destinationPort, protocol }),
    originator: endpoint(formatAddress(source), sourcePort),
    responder: endpoint(formatAddress(destination), destinationPort),
    protocol,
  };
}

function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
