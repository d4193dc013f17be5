import { NetworkLayer, type PacketTable, TunnelKind } from '@weir/contracts';
import { Look } from './look.js';

type Columns = PacketTable['columns'];

/** What comes next in a frame: each layer's decoder returns one of these, `end` when there is nothing more to decode. */
export const Layer = {
  end: 0,
  ethernet: 1,
  ipv4: 2,
  ipv6: 3,
  /** IPv4 or IPv6, by the version field. */
  ip: 4,
  arp: 5,
  mpls: 6,
  pppoe: 7,
  ppp: 8,
  tcp: 9,
  udp: 10,
  icmp: 11,
  icmpv6: 12,
  sctp: 13,
  gre: 14,
  authentication: 15,
  opaque: 16,
  vxlan: 17,
  geneve: 18,
  gtpU: 19,
} as const;

/** Tunnels within tunnels that are followed. */
export const MAX_TUNNELS = 4;

/** Bytes of text that one note may hold. */
export const MAX_NOTE_BYTES = 255;

/** Whether this machine loads words in little-endian order: address words are kept as the machine loads them. */
export const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** The third word of every IPv4 address in 16 bytes (::ffff:a.b.c.d), as the machine loads it. */
export const IPV4_PREFIX_WORD = LITTLE_ENDIAN ? 0xffff0000 : 0x0000ffff;

/** Frames are taken to be no longer than this, so that positions stay small integers whatever a capture file claims. */
const MAX_FRAME_BYTES = 0x0fff_ffff;

/**
 * The packet being decoded: where its next header lies, and the row that it fills. One object serves all packets; all
 * its numbers are 32-bit integers, because V8 would allocate for larger ones.
 *
 * Two ends are kept. `end` is where captured bytes stop: beyond it nothing may be read, and a header that is cut there is
 * normal (snap length). `wireEnd` is where the bytes on the wire stopped: a header that passes it is a breach. Each layer
 * moves both inwards by its own length field.
 */
export class Frame {
  readonly view: DataView;
  /** Position in `bytes` of the frame. */
  start = 0;
  /** Position in `bytes` of the next header. */
  at = 0;
  end = 0;
  wireEnd = 0;
  /** ConformanceBreach bits found so far. */
  breaches = 0;
  /** Tunnels entered so far. */
  depth = 0;
  /** Tunnel that was entered last; it goes into the row once an inner network header was found. */
  tunnelKind = 0;
  /** Its id, as a signed 32-bit integer. */
  tunnelId = 0;
  /** 1 when the IP packet is a fragment: its lengths say nothing about the transport's. */
  fragment = 0;
  /** Slot of the fragment table that waits for this packet's ports; −1 none. */
  fragmentSlot = -1;
  /** 1 once a transport, ARP or a later fragment was reached. */
  decoded = 0;
  /** 1 when the frame comes from a loopback interface, where hosts rightly talk to themselves. */
  loopback = 0;
  /** Position of the transport payload; 0 when there is none to look at. */
  payloadAt = 0;
  /** What is to be looked at there once all headers of the block are decoded. */
  look: number = Look.nothing;

  row = 0;
  text: Uint8Array;
  /** Where the row's note begins, and where its next byte goes. */
  textStart = 0;
  textAt = 0;

  readonly timeUs: Columns['timeUs'];
  readonly networkLayer: Columns['networkLayer'];
  readonly sourceWords: Columns['sourceAddress']['words'];
  readonly destinationWords: Columns['destinationAddress']['words'];
  readonly sourcePort: Columns['sourcePort'];
  readonly destinationPort: Columns['destinationPort'];
  readonly protocol: Columns['protocol'];
  readonly tcpFlags: Columns['tcpFlags'];
  readonly flowHash: Columns['flowHash'];
  readonly tunnelKinds: Columns['tunnelKind'];
  readonly tunnelIds: Columns['tunnelId'];
  readonly payloadBytes: Columns['payloadBytes'];
  readonly tcpSequence: Columns['tcpSequence'];
  readonly tcpAcknowledgment: Columns['tcpAcknowledgment'];
  readonly tcpWindow: Columns['tcpWindow'];
  readonly payloadGuess: Columns['payloadGuess'];
  readonly payloadEntropy: Columns['payloadEntropy'];
  readonly noteKind: Columns['noteKind'];
  readonly noteCode: Columns['noteCode'];
  readonly noteValue: Columns['noteValue'];

  /** Reads from `bytes` and writes into `columns`. */
  constructor(
    readonly bytes: Uint8Array<ArrayBuffer>,
    columns: Columns,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.timeUs = columns.timeUs;
    this.networkLayer = columns.networkLayer;
    this.sourceWords = columns.sourceAddress.words;
    this.destinationWords = columns.destinationAddress.words;
    this.sourcePort = columns.sourcePort;
    this.destinationPort = columns.destinationPort;
    this.protocol = columns.protocol;
    this.tcpFlags = columns.tcpFlags;
    this.flowHash = columns.flowHash;
    this.tunnelKinds = columns.tunnelKind;
    this.tunnelIds = columns.tunnelId;
    this.payloadBytes = columns.payloadBytes;
    this.tcpSequence = columns.tcpSequence;
    this.tcpAcknowledgment = columns.tcpAcknowledgment;
    this.tcpWindow = columns.tcpWindow;
    this.payloadGuess = columns.payloadGuess;
    this.payloadEntropy = columns.payloadEntropy;
    this.noteKind = columns.noteKind;
    this.noteCode = columns.noteCode;
    this.noteValue = columns.noteValue;
    this.text = columns.noteText.data;
  }

  /** Starts with the packet at `offset`, which fills `row`. */
  begin(row: number, offset: number, capturedBytes: number, wireBytes: number): void {
    this.row = row;
    this.start = offset;
    this.at = offset;
    this.end = offset + Math.min(capturedBytes, this.bytes.length - offset);
    this.wireEnd = offset + Math.max(Math.min(wireBytes, MAX_FRAME_BYTES), this.end - offset);
    this.breaches = 0;
    this.depth = 0;
    this.tunnelKind = TunnelKind.none;
    this.tunnelId = 0;
    this.fragment = 0;
    this.fragmentSlot = -1;
    this.decoded = 0;
    this.loopback = 0;
    this.payloadAt = 0;
    this.look = Look.nothing;
  }
  /** Zeroes the row's header columns, so that a layer writes only what it has. */
  clearRow(): void {
    const { row } = this;
    this.networkLayer[row] = NetworkLayer.other;
    for (let word = 4 * row; word < 4 * row + 4; word++) {
      this.sourceWords[word] = 0;
      this.destinationWords[word] = 0;
    }
    this.protocol[row] = 0;
    this.clearTransport();
  }

  /** Zeroes what the transport layer of an outer packet wrote. */
  clearTransport(): void {
    const { row } = this;
    this.sourcePort[row] = 0;
    this.destinationPort[row] = 0;
    this.tcpFlags[row] = 0;
    this.payloadBytes[row] = 0;
    this.tcpSequence[row] = 0;
    this.tcpAcknowledgment[row] = 0;
    this.tcpWindow[row] = 0;
    this.payloadAt = 0;
    this.look = Look.nothing;
  }
}

/**
 * What to do about a header that passes the captured bytes: nothing when only the capture is cut, `breach` when the
 * packet itself ended too early. Always `Layer.end`.
 */
export function cutShort(f: Frame, headerBytes: number, breach: number): number {
  if (f.at + headerBytes > f.wireEnd) f.breaches |= breach;
  return Layer.end;
}

/** Moves both ends inwards to `end`, a position on the wire. */
export function endAt(f: Frame, end: number): void {
  f.wireEnd = end;
  if (f.end > end) f.end = end;
}
