import { finish, formatAddress, hashAddress, type IncidentKind } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { FIELD, SET } from '../../fields.js';
import type { HostWindow } from '../../host-window.js';
import { type Argument, readable, severityFor } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { FLOOD_ADVICE, FLOOD_TECHNIQUES } from './flood-sources.js';

/** What a flood over a network is made of. */
interface Matter {
  readonly name: string;
  readonly kind: IncidentKind;
  /** As it is called in text. */
  readonly packets: string;
  /** Numbers of a host's shortest window, by FIELD: packets, those of the current pane, first time. */
  readonly field: number;
  readonly inPane: number;
  readonly first: number;
  /** Flows that the packets began, where streams are to be told from floods; −1 where not. */
  readonly started: number;
  /** From so many on the host has a flood of its own, which is told of it. */
  ownFlood(config: HostConfig): number;
  least(config: HostConfig): number;
}

/** Floods that are told of single hosts, and when of their whole network. */
export const NETWORK_FLOODS: readonly Matter[] = [
  {
    name: 'network-syn-flood',
    kind: 'syn-flood',
    packets: 'SYN packets',
    field: FIELD.synIn,
    inPane: FIELD.synInPane,
    first: FIELD.firstSynUs,
    started: -1,
    ownFlood: ({ synFlood }) => synFlood.synPackets,
    least: ({ networkFlood }) => networkFlood.synPackets,
  },
  {
    name: 'network-udp-flood',
    kind: 'udp-flood',
    packets: 'unanswered datagrams',
    field: FIELD.udpUnansweredIn,
    inPane: FIELD.udpInPane,
    first: FIELD.firstUdpUs,
    started: FIELD.udpStartedIn,
    ownFlood: ({ udpFlood }) => udpFlood.packets,
    least: ({ networkFlood }) => networkFlood.packets,
  },
  {
    name: 'network-icmp-flood',
    kind: 'icmp-flood',
    packets: 'ICMP messages',
    field: FIELD.icmpIn,
    inPane: FIELD.icmpInPane,
    first: FIELD.firstIcmpUs,
    started: -1,
    ownFlood: ({ icmpFlood }) => icmpFlood.packets,
    least: ({ networkFlood }) => networkFlood.packets,
  },
  {
    name: 'network-packet-flood',
    kind: 'packet-flood',
    packets: 'stray packets',
    field: FIELD.strayIn,
    inPane: FIELD.strayInPane,
    first: FIELD.firstStrayUs,
    started: FIELD.strayStartedIn,
    ownFlood: ({ packetFlood }) => packetFlood.packets,
    least: ({ networkFlood }) => networkFlood.packets,
  },
];

const PACKETS = 0;
/** Of these, such as came again and again to the same port of a host, as no scan's do. */
const REPEATED = 1;
/** Second of the pane that is being counted, what it holds, and the most that a pane held. */
const PANE_S = 2;
const PANE_PACKETS = 3;
const PANE_HOSTS = 4;
const PEAK_PACKETS = 5;
const PEAK_HOSTS = 6;
const COUNTERS = 7;

/** Half of the time over which packets are counted. */
const HALF_WINDOW_S = 10;
/** Least packets to a host in a second: fewer come by themselves. */
const LEAST_IN_PANE = 2;
/** Share of the least packets that must come in one second: the rest of the time may be calmer. */
const LEAST_PEAK_SHARE = 1 / 6;
/** Packets for each port of a host from which they are no scan's. */
const REPEATED_PER_PORT = 20;

/** One flood over many hosts of a network, each of which has too little for a flood of its own (carpet bombing). */
export class NetworkFlood implements KeyedDetector<KeyedEntry> {
  readonly name: string;
  readonly kind: IncidentKind;
  readonly sees: string;
  readonly how: string;
  readonly blindTo =
    'Floods over several networks at once, below the threshold in each, and those of one long flow to each host. In a cluster each host partition counts its own hosts of the network.';
  readonly evadedBy =
    'Six hundred packets a second to each network (1,200 are told; of SYN 120 and 240), and more networks.';
  readonly settings = 'networkFlood';
  readonly techniques = FLOOD_TECHNIQUES;
  readonly advice = [
    ...FLOOD_ADVICE,
    'Let the provider filter for the whole network: what harms is the link, not a single host.',
  ];
  readonly counts: KeyedCounts;

  constructor(
    private readonly matter: Matter,
    config: HostConfig,
    sets: DistinctSets,
  ) {
    this.name = matter.name;
    this.kind = matter.kind;
    this.sees = `A great many ${matter.packets} to the hosts of one network, spread so that no host gets what would be a flood alone.`;
    this.how = `Adds up, for each network (/24, /64 of IPv6), the ${matter.packets} of hosts that get at least two in a second and do not complete what is begun. They count where they come from hundreds of sources, or again and again to the same port, as no scan's do; hosts with a flood of their own are left out.`;
    this.counts = new KeyedCounts(COUNTERS, config.maxKeys, sets);
    this.counts.halfWindowS = HALF_WINDOW_S;
  }

  observePane(window: HostWindow, second: number, config: HostConfig): void {
    const inPane = window.at(this.matter.inPane);
    if (inPane < LEAST_IN_PANE || !this.isFlooded(window, config)) return;
    const entry = this.entryOf(window);
    if (!entry) return;
    const { now } = entry;
    if (now[PANE_S] !== second) now.fill(0, PANE_PACKETS, PANE_HOSTS + 1);
    now[PANE_S] = second;
    now[PANE_PACKETS]! += inPane;
    now[PANE_HOSTS]! += 1;
    now[PEAK_PACKETS] = Math.max(now[PEAK_PACKETS]!, now[PANE_PACKETS]!);
    now[PEAK_HOSTS] = Math.max(now[PEAK_HOSTS]!, now[PANE_HOSTS]!);
    now[PACKETS]! += inPane;
    if (window.at(this.matter.field) >= REPEATED_PER_PORT * window.distinct(SET.portsIn)) now[REPEATED]! += inPane;
    this.counts.addAllDistinct(entry, window.setHandle(SET.peersIn));
    this.counts.touch(entry, Math.max(window.at(this.matter.first), second * 1e6), (second + 1) * 1e6 - 1);
  }

  /** Whether what a host gets is a part of a flood, and not one of its own, a stream, or connections that are made. */
  private isFlooded(window: HostWindow, config: HostConfig): boolean {
    const { field, started, ownFlood } = this.matter;
    const packets = window.at(field);
    if (packets >= ownFlood(config)) return false;
    if (started >= 0 && packets > config.packetFlood.packetsPerFlow * window.at(started)) return false;
    return field !== FIELD.synIn || window.at(FIELD.establishedIn) <= config.synFlood.completedShare * packets;
  }

  private entryOf(window: HostWindow): KeyedEntry | undefined {
    const key = networkOf(window);
    const known = this.counts.get(key);
    if (known || window.isGroup) return known;
    return this.counts.create(key, { client: '', subject: formatAddress(bytes, 0), port: isV4() ? 24 : 64 });
  }

  explains(window: HostWindow, config: HostConfig): boolean {
    const entry = this.counts.isEmpty ? undefined : this.counts.get(networkOf(window));
    return entry !== undefined && this.magnitude(entry, config) >= 1;
  }

  magnitude(entry: KeyedEntry, config: HostConfig): number {
    const { hosts, sources } = config.networkFlood;
    const least = this.matter.least(config);
    if (peakOf(entry, PEAK_PACKETS) < LEAST_PEAK_SHARE * least || peakOf(entry, PEAK_HOSTS) < hosts) return 0;
    return this.counted(entry, sources) / least;
  }

  /** Packets that are no scan's. */
  private counted(entry: KeyedEntry, sources: number): number {
    return this.counts.total(entry, this.counts.hasAtLeast(entry, sources) ? PACKETS : REPEATED);
  }

  argue(entry: KeyedEntry, config: HostConfig): Argument {
    const { hosts, sources } = config.networkFlood;
    const { packets: called } = this.matter;
    const least = this.matter.least(config);
    const packets = this.counted(entry, sources);
    const network = `${entry.subject}/${entry.port}`;
    const flooded = peakOf(entry, PEAK_HOSTS);
    const origins = this.counts.distinct(entry);
    return {
      entity: network,
      severity: severityFor('high', packets / least),
      confidence: 0.85,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [],
      targets: [entry.subject],
      title: `Flood of ${called} over the network ${network}`,
      summary: `The hosts of ${network} received ${readable(packets)} ${called} within ${2 * HALF_WINDOW_S} s from about ${readable(origins)} sources, ${readable(flooded)} of them at once.`,
      evidence: [
        { measure: `${called} to all hosts of the network`, unit: 'packet', value: packets, threshold: least },
        { measure: 'in the busiest second', unit: 'packet/s', value: peakOf(entry, PEAK_PACKETS) },
        { measure: 'hosts that received some in one second', unit: 'host', value: flooded, threshold: hosts },
        { measure: 'distinct sources', unit: 'host', value: origins },
      ],
      counterfactual: `Fewer than ${readable(least)} such packets to the network in ${2 * HALF_WINDOW_S} s, or fewer than ${hosts} hosts that receive them.`,
      flows: [],
    };
  }
}

/** The network that was asked for last: an address whose host part is zero. Kept, as it is asked for each host and pane. */
const words = new Uint32Array(4);
const bytes = new Uint8Array(words.buffer);

function isV4(): boolean {
  return words[0] === 0 && words[1] === 0 && bytes[10] === 0xff && bytes[11] === 0xff;
}

/** Looks up the network of a host, and says what it is kept by. */
function networkOf(window: HostWindow): number {
  window.copyAddress(words);
  bytes.fill(0, isV4() ? 15 : 8);
  return finish(hashAddress(words, 0));
}

function peakOf({ now, before }: KeyedEntry, counter: number): number {
  return Math.max(now[counter]!, before[counter]!);
}
