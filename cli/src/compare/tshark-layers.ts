import { icmpCounterpart, Protocol } from '@weir/contracts';
import { conversationKey, oneSpelling } from './views.js';

/** tshark's name of each field that is asked for, in the order of its columns. */
export const TSHARK_FIELDS = [
  ...['frame.len', 'frame.cap_len', 'frame.protocols', 'communityid'],
  ...['ip.src', 'ip.dst', 'ip.proto', 'ip.frag_offset', 'ip.id'],
  ...['ipv6.src', 'ipv6.dst', 'ipv6.nxt', 'ipv6.hopopts.nxt', 'ipv6.dstopts.nxt', 'ipv6.routing.nxt'],
  ...['ipv6.fraghdr.nxt', 'ipv6.fraghdr.offset', 'ipv6.fraghdr.ident', 'ah.next_header'],
  ...['tcp.srcport', 'tcp.dstport', 'udp.srcport', 'udp.dstport', 'sctp.srcport', 'sctp.dstport'],
  ...['icmp.type', 'icmp.code', 'icmpv6.type', 'icmpv6.code'],
  ...['tcp.len', 'tcp.segment.count', 'tcp.analysis.retransmission', 'tcp.analysis.out_of_order'],
  ...['dns.length', 'dns.count.queries', 'dns.count.answers', 'dns.count.auth_rr', 'dns.count.add_rr'],
  ...['dns.qry.name', 'dns.resp.name'],
] as const;

export type TsharkField = (typeof TSHARK_FIELDS)[number];

/** All values of each field of one packet, in the order of its layers. */
export type FieldValues = (field: TsharkField) => readonly string[];

/** What the innermost network header of a packet and its transport say. */
export interface Innermost {
  readonly conversation: string | undefined;
  /** Addresses, protocol and identification of the datagram whose later fragment this is; else undefined. */
  readonly laterFragmentOf: string | undefined;
  /** The same of the datagram whose first fragment this may be. */
  readonly firstFragmentOf: string | undefined;
}

/** Fields that name the protocol which follows a header, by the header's layer. */
const NEXT_HEADER: Readonly<Record<string, TsharkField>> = {
  'ipv6.hopopts': 'ipv6.hopopts.nxt',
  'ipv6.dstopts': 'ipv6.dstopts.nxt',
  'ipv6.routing': 'ipv6.routing.nxt',
  'ipv6.fraghdr': 'ipv6.fraghdr.nxt',
  ah: 'ah.next_header',
};

/** Ports, by the transport's layer. */
const PORTS: Readonly<Record<string, { protocol: number; source: TsharkField; destination: TsharkField }>> = {
  tcp: { protocol: Protocol.tcp, source: 'tcp.srcport', destination: 'tcp.dstport' },
  udp: { protocol: Protocol.udp, source: 'udp.srcport', destination: 'udp.dstport' },
  sctp: { protocol: Protocol.sctp, source: 'sctp.srcport', destination: 'sctp.dstport' },
};

/** Layers whose content is a copy of some packet, not one that is carried on. */
const QUOTING_LAYERS: readonly string[] = ['icmp', 'icmpv6'];

/** The layers up to the first that quotes, with it. */
export function carriedLayers(layers: readonly string[]): readonly string[] {
  const quotes = layers.findIndex((layer) => QUOTING_LAYERS.includes(layer));
  return quotes < 0 ? layers : layers.slice(0, quotes + 1);
}

/**
 * Reads the fields layer by layer: `-T fields` lists the values of one field of all layers together, and only the list of
 * layers tells which belong to each other.
 */
export class LayerWalk {
  private readonly used = new Map<TsharkField, number>();
  private source: string | undefined;
  private destination: string | undefined;
  private protocol = 0;
  private sourcePort = 0;
  private destinationPort = 0;
  private fragmentOffset = 0;
  private identification = '';

  constructor(private readonly values: FieldValues) {}

  /** Follows `layers` and tells what the innermost headers say. */
  follow(layers: readonly string[]): Innermost {
    for (const layer of carriedLayers(layers)) this.enter(layer);
    const { source, destination, protocol, sourcePort, destinationPort } = this;
    if (source === undefined || destination === undefined) return NOTHING;
    const datagram = `${source} ${destination} ${protocol} ${this.identification}`;
    const from = { address: source, port: sourcePort };
    const to = { address: destination, port: destinationPort };
    return {
      conversation: conversationKey(protocol, from, to),
      laterFragmentOf: this.fragmentOffset > 0 ? datagram : undefined,
      firstFragmentOf: this.fragmentOffset === 0 && this.identification !== '' ? datagram : undefined,
    };
  }

  private enter(layer: string): void {
    if (layer === 'ip') this.enterIpv4();
    else if (layer === 'ipv6') this.enterIpv6();
    else if (layer === 'icmp') this.enterIcmp(Protocol.icmp, 'icmp.type', 'icmp.code');
    else if (layer === 'icmpv6') this.enterIcmp(Protocol.icmpv6, 'icmpv6.type', 'icmpv6.code');
    else if (layer in NEXT_HEADER) this.enterExtension(layer);
    else if (layer in PORTS) this.enterTransport(layer);
  }

  private enterIpv4(): void {
    const [source, destination] = [this.take('ip.src'), this.take('ip.dst')];
    this.beginNetwork(source, destination, Number(this.take('ip.proto') ?? 0));
    this.fragmentOffset = Number(this.take('ip.frag_offset') ?? 0);
    this.identification = this.take('ip.id') ?? '';
  }

  private enterIpv6(): void {
    this.beginNetwork(this.take('ipv6.src'), this.take('ipv6.dst'), Number(this.take('ipv6.nxt') ?? 0));
  }

  private beginNetwork(source: string | undefined, destination: string | undefined, protocol: number): void {
    this.source = source && oneSpelling(source);
    this.destination = destination && oneSpelling(destination);
    this.protocol = protocol;
    this.sourcePort = 0;
    this.destinationPort = 0;
    this.fragmentOffset = 0;
    this.identification = '';
  }

  private enterExtension(layer: string): void {
    this.protocol = Number(this.take(NEXT_HEADER[layer]!) ?? this.protocol);
    if (layer !== 'ipv6.fraghdr') return;
    this.fragmentOffset = Number(this.take('ipv6.fraghdr.offset') ?? 0);
    this.identification = this.take('ipv6.fraghdr.ident') ?? '';
  }

  private enterTransport(layer: string): void {
    const { protocol, source, destination } = PORTS[layer]!;
    const [sourcePort, destinationPort] = [this.take(source), this.take(destination)];
    if (protocol !== this.protocol || sourcePort === undefined) return;
    this.sourcePort = Number(sourcePort);
    this.destinationPort = Number(destinationPort);
  }

  private enterIcmp(protocol: number, typeField: TsharkField, codeField: TsharkField): void {
    const type = this.take(typeField);
    if (protocol !== this.protocol || type === undefined) return;
    const counterpart = icmpCounterpart(protocol, Number(type));
    this.sourcePort = Number(type);
    this.destinationPort = counterpart >= 0 ? counterpart : Number(this.take(codeField) ?? 0);
  }

  /** The next value of a field that no outer layer has taken. */
  private take(field: TsharkField): string | undefined {
    const index = this.used.get(field) ?? 0;
    this.used.set(field, index + 1);
    return this.values(field)[index];
  }
}

const NOTHING: Innermost = { conversation: undefined, laterFragmentOf: undefined, firstFragmentOf: undefined };
