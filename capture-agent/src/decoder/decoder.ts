import { CONFORMANCE_BREACHES, type PacketTable } from '@weir/contracts';
import type { RawPackets } from '../sources/source.js';
import { arp } from './arp.js';
import { Block } from './block.js';
import { decodePlainPackets } from './fast-path.js';
import { hashFlows } from './flow-key.js';
import { FragmentTable } from './fragments.js';
import { Frame, Layer } from './frame.js';
import { icmp, icmpv6 } from './icmp.js';
import { inspectBlock } from './inspect-block.js';
import { authentication, ipv6 } from './ipv6.js';
import { ethernet, link, mpls, ppp, pppoe } from './link.js';
import { ip, ipv4 } from './network.js';
import { PayloadInspector } from './payload.js';
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
  private readonly frame = new Frame();
  private readonly block = new Block();
  private readonly fragments = new FragmentTable();
  private readonly inspector = new PayloadInspector();

  constructor(private readonly options: DecoderOptions = {}) {}

  /**
   * Appends packets `[from, to)` of `raw` to `table`, one row each, growing the table if need be. Writes all columns but
   * `watermarkS`, which it sets to 0: time is the batcher's. `timeUs` is the capture time as it is.
   */
  decodeBlock(raw: RawPackets, from: number, to: number, table: PacketTable): void {
    const { block, frame } = this;
    block.begin(raw, from, to, table);
    frame.readFrom(raw.bytes);
    frame.writeTo(table.columns);
    const left = this.options.layersOnly ? block.leaveAll() : decodePlainPackets(block, frame.bytes, frame.view);
    for (let i = 0; i < left; i++) this.decodeByLayers(block.left[i]!);
    hashFlows(block);
    inspectBlock(block, frame, this.inspector);
    countBreaches(block, this.counters.breaches);
    this.counters.packets += block.rows;
    table.count += block.rows;
  }

  /** Decodes the packet of one row of the block, whatever it is. */
  private decodeByLayers(i: number): void {
    const { block, frame: f } = this;
    const { raw } = block;
    const packet = block.firstPacket + i;
    f.begin(block.firstRow + i, raw.offset[packet]!, raw.capturedBytes[packet]!, raw.wireBytes[packet]!);
    f.clearRow();
    this.decodeLayers(f, link(f, raw.linkType[packet]!));
    if (f.fragmentSlot >= 0) this.fragments.keepPorts(f);
    if (f.decoded === 0) this.counters.undecoded++;
    block.look[i] = f.look;
    block.payloadAt[i] = f.payloadAt;
    block.payloadEnd[i] = f.end;
    block.table.columns.conformance[f.row] = f.breaches;
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

/** Counts the packets of the block that have each breach. */
function countBreaches({ table, firstRow, rows }: Block, counts: Float64Array): void {
  const { conformance } = table.columns;
  for (let row = firstRow; row < firstRow + rows; row++) {
    if (conformance[row] === 0) continue;
    for (let rest = conformance[row]! | 0; rest !== 0; rest &= rest - 1) counts[31 - Math.clz32(rest & -rest)]!++;
  }
}
