import { CONFORMANCE_BREACHES, type PacketTable } from '@weir/contracts';
import type { RawPackets } from '../sources/source.js';
import { arp } from './arp.js';
import { DecodeCore } from './core.js';
import { FragmentTable } from './fragments.js';
import { Frame, Layer } from './frame.js';
import { icmp, icmpv6 } from './icmp.js';
import { BlockInspection } from './inspect-block.js';
import { authentication, ipv6 } from './ipv6.js';
import { ethernet, link, mpls, ppp, pppoe } from './link.js';
import { ip, ipv4 } from './network.js';
import { opaque, sctp, tcp, udp } from './transport.js';
import { geneve, gre, gtpU, vxlan } from './tunnels.js';

/** What a decoder counted since it was made. */
export interface DecoderCounters {
  packets: number;
  /** Frames that could not be decoded up to a transport layer: unknown protocols, broken or cut headers. */
  undecoded: number;
  /** Packets with each of CONFORMANCE_BREACHES, in that order. */
  readonly breaches: Float64Array;
}

/** For tests: `layersOnly` sends every packet through the layers, without the fast path. */
export interface DecoderOptions {
  layersOnly?: boolean;
}

/**
 * Turns raw packets into rows. One decoder serves one sensor: it remembers fragments and which flows' first payloads it
 * has looked at. Never throws for what is in a packet; allocates per block, not per packet.
 */
export class Decoder {
  readonly counters: DecoderCounters = {
    packets: 0,
    undecoded: 0,
    breaches: new Float64Array(CONFORMANCE_BREACHES.length),
  };
  private readonly core = new DecodeCore();
  private readonly frame = new Frame(this.core.bytes, this.core.packets.columns);
  private readonly inspection = new BlockInspection(this.core, this.frame);
  private readonly fragments = new FragmentTable();

  constructor(private readonly options: DecoderOptions = {}) {}

  /** A block for one source to fill, whose bytes this decoder need not copy. */
  createBlock(): RawPackets {
    return this.core.createBlock();
  }

  /**
   * Appends packets `[from, to)` of `raw` to `table`, one row each, growing the table if need be. Writes all columns but
   * `watermarkS`, which it sets to 0: time is the batcher's. `timeUs` is the capture time as it is.
   */
  decodeBlock(raw: RawPackets, from: number, to: number, table: PacketTable): void {
    const { core } = this;
    for (let first = from; first < to; ) {
      const rows = core.load(raw, first, to);
      this.decodeRows(rows);
      table.appendRows(core.packets, 0, rows);
      first += rows;
    }
    this.counters.packets += to - from;
  }

  /**
   * Nearly all packets are TCP or UDP in plain IPv4 in Ethernet with nothing to remark: the core decodes those. Decoding a
   * block pass by pass keeps each pass small.
   */
  private decodeRows(rows: number): void {
    const { core } = this;
    const left = core.exports.decodePlain(rows);
    if (this.options.layersOnly) for (let row = 0; row < rows; row++) this.decodeByLayers(row);
    else for (let i = 0; i < left; i++) this.decodeByLayers(core.block.left[i]!);
    core.exports.hashFlows(rows);
    this.inspection.inspect(rows);
    countBreaches(core.packets, this.counters.breaches);
  }

  /** Decodes the packet of one row of the block, whatever it is. */
  private decodeByLayers(row: number): void {
    const { frame: f, core } = this;
    const { block, raw } = core;
    f.begin(row, raw.offset[row]!, raw.capturedBytes[row]!, raw.wireBytes[row]!);
    f.clearRow();
    this.decodeLayers(f, link(f, raw.linkType[row]!));
    if (f.fragmentSlot >= 0) this.fragments.keepPorts(f);
    if (f.decoded === 0) this.counters.undecoded++;
    block.look[row] = f.look;
    block.payloadAt[row] = f.payloadAt;
    block.payloadEnd[row] = f.end;
    core.packets.columns.conformance[row] = f.breaches;
  }

  /** Follows the headers until none is left. Each step moves on within the frame, and tunnels are bounded, so this ends. */
  private decodeLayers(f: Frame, first: number): void {
    let layer = first;
    while (layer !== Layer.end) layer = this.decodeLayer(f, layer);
  }

  private decodeLayer(f: Frame, layer: number): number {
    switch (layer) {
      case Layer.ethernet:
        return ethernet(f);
      case Layer.ipv4:
        return ipv4(f, this.fragments);
      case Layer.ipv6:
        return ipv6(f, this.fragments);
      case Layer.ip:
        return ip(f);
      case Layer.arp:
        return arp(f);
      case Layer.mpls:
        return mpls(f);
      case Layer.pppoe:
        return pppoe(f);
      case Layer.ppp:
        return ppp(f);
      case Layer.authentication:
        return authentication(f, this.fragments);
      case Layer.gre:
        return gre(f);
      case Layer.vxlan:
        return vxlan(f);
      case Layer.geneve:
        return geneve(f);
      case Layer.gtpU:
        return gtpU(f);
      default:
        return decodeTransport(f, layer);
    }
  }
}

function decodeTransport(f: Frame, layer: number): number {
  switch (layer) {
    case Layer.tcp:
      return tcp(f);
    case Layer.udp:
      return udp(f);
    case Layer.icmp:
      return icmp(f);
    case Layer.icmpv6:
      return icmpv6(f);
    case Layer.sctp:
      return sctp(f);
    default:
      return opaque(f);
  }
}

/** Counts the packets that have each breach. */
function countBreaches({ columns: { conformance }, count }: PacketTable, counts: Float64Array): void {
  for (let row = 0; row < count; row++) {
    if (conformance[row] === 0) continue;
    for (let rest = conformance[row]! | 0; rest !== 0; rest &= rest - 1) counts[31 - Math.clz32(rest & -rest)]!++;
  }
}
