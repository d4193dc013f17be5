import { CONFORMANCE_BREACHES, createPacketTable, type PacketTable } from '@weir/contracts';
import type { RawPackets } from '../sources/source.js';
import { arp } from './arp.js';
import { DecodeCore } from './core.js';
import { BLOCK_PACKETS } from './core-layout.js';
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
  private isTableGiven = false;

  constructor(private readonly options: DecoderOptions = {}) {}

  /** A block for one source to fill, whose bytes this decoder need not copy. */
  createBlock(): RawPackets {
    return this.core.createBlock();
  }

  /**
   * A table of at least `rows` rows for one batcher: the one that this decoder decodes into, where that is large enough and not
   * given away yet, so that rows need not be copied.
   */
  createTable(rows: number): PacketTable {
    if (rows > BLOCK_PACKETS || this.isTableGiven) return createPacketTable(rows);
    this.isTableGiven = true;
    return this.core.packets;
  }

  /**
   * Appends packets `[from, to)` of `raw` to `table`, one row each, growing the table if need be. Writes all columns but
   * `watermarkS`, which it sets to 0: time is the batcher's. `timeUs` is the capture time as it is. Once `createTable` has
   * given away the decoder's own table, only that may be written, and it must have room.
   */
  decodeBlock(raw: RawPackets, from: number, to: number, table: PacketTable): void {
    const { core } = this;
    const isOwn = table === core.packets;
    if (isOwn !== this.isTableGiven)
      throw new RangeError('This decoder writes another table. Make one decoder for each.');
    for (let next = from; next < to; ) {
      const first = isOwn ? table.count : 0;
      const rows = core.load(raw, next, to);
      this.decodeRows(first, first + rows);
      if (isOwn) table.count += rows;
      else table.appendRows(core.packets, 0, rows);
      next += rows;
    }
    this.counters.packets += to - from;
  }

  /**
   * Nearly all packets are TCP or UDP in plain IPv4 in Ethernet with nothing to remark: the core decodes those. Decoding a
   * block pass by pass keeps each pass small.
   */
  private decodeRows(first: number, end: number): void {
    const { core } = this;
    const left = core.exports.decodePlain(core.rawFrom, first, end);
    const raw = core.rawFrom - first;
    if (this.options.layersOnly) for (let row = first; row < end; row++) this.decodeByLayers(row, raw + row);
    else {
      this.counters.undecoded += core.exports.undecoded.value;
      for (let i = 0; i < left; i++) this.decodeByLayers(core.block.left[i]!, raw + core.block.left[i]!);
    }
    core.exports.hashFlows(first, end);
    this.inspection.inspect(first, end);
    this.countBreaches(first, end);
  }

  /** Counts the packets of rows `[first, end)` that have each breach. */
  private countBreaches(first: number, end: number): void {
    const { exports, packets } = this.core;
    const { conformance } = packets.columns;
    const { breaches } = this.counters;
    for (let row = exports.nextBreach(first, end); row < end; row = exports.nextBreach(row + 1, end))
      for (let rest = conformance[row]! | 0; rest !== 0; rest &= rest - 1) breaches[31 - Math.clz32(rest & -rest)]!++;
  }

  /** Decodes the packet of one raw row to a row, whatever it is. */
  private decodeByLayers(row: number, rawRow: number): void {
    const { frame: f, core } = this;
    const { block, raw } = core;
    f.begin(row, raw.offset[rawRow]!, raw.capturedBytes[rawRow]!, raw.wireBytes[rawRow]!);
    f.clearRow();
    this.decodeLayers(f, link(f, raw.linkType[rawRow]!));
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
