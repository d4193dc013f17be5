import { ConformanceBreach, Protocol } from '@weir/contracts';
import { carriedLayers } from './tshark-layers.js';
import type { TsharkPacket, WeirPacket } from './views.js';

/** Why the two may rightly differ on a packet, and what each does. */
export const REASONS = {
  'later-fragment':
    'Only the first fragment of a datagram has ports. Weir gives later ones the ports of the first; tshark, with reassembly off, makes an ID without them.',
  'quoted-packet': 'An ICMP error quotes a packet. tshark dissects the quotation too; Weir keeps to the error itself.',
  'tunnel-not-opened': 'tshark follows an encapsulation that is not among the tunnels that Weir opens.',
  'packet-cut': 'The snap length cut the packet inside a header.',
  'header-broken': 'Lengths or versions in a header cannot be; each reads on as far as it dares.',
  'link-not-decoded': 'The capture is of a link layer that Weir does not decode; its packets only count.',
  'id-left-out':
    'tshark makes no Community ID for the protocol number 0, nor in IPv6 for a protocol without ports; Weir does.',
  'ports-left-over':
    'The innermost protocol has no ports; tshark hashes protocol and ports of an outer layer with the inner addresses.',
  'name-cut':
    'A name that, with what is not printable written as decimal numbers, does not fit into a note of 255 bytes: Weir keeps its end.',
  'name-not-utf8':
    'Bytes of a name that are no UTF-8: tshark prints a stand-in or another letter, Weir keeps the bytes.',
  'dns-elsewhere':
    'DNS on another port than 53, 5353 and 5355, guessed by tshark from its content, or decrypted with keys in the capture.',
  'dns-malformed':
    'A message that RFC 1035 forbids, such as a compression pointer that points forward. Weir counts a breach and notes no name.',
  'record-unlisted': 'A message without questions, whose first record tshark does not list by name (SRV).',
  'further-question': 'A message with several questions, as in mDNS: Weir notes the first.',
  'dns-in-stream':
    'DNS over TCP: several messages in a segment, or one in several segments. Weir reads whole ones that fill a segment.',
  'repeated-segment': 'A segment that was seen before or came out of order: tshark does not look into it at its place.',
} as const;

export type Reason = keyof typeof REASONS;

/** Layers that hold packets and that Weir does not open. */
const CLOSED_LAYERS = ['teredo', 'capwap', 'capwap.data', 'cfp', 'l2tp', 'lisp', 'sflow', 'openvpn'];

const B = ConformanceBreach;
const HEADER_BREACHES =
  B.linkTruncated |
  B.ipVersionWrong |
  B.ipHeaderLengthWrong |
  B.ipLengthWrong |
  B.ipOptionsMalformed |
  B.transportTruncated |
  B.transportLengthWrong |
  B.tunnelMalformed;

/** Links that Weir decodes. */
const OPEN_LINKS = ['eth', 'sll', 'raw', 'null', 'loop', 'ip', 'ipv6'];

/** Why the conversation or Community ID of a packet differs, or undefined when nothing known explains it. */
export function explainHeaders(weir: WeirPacket | undefined, tshark: TsharkPacket | undefined): Reason | undefined {
  if (!weir || !tshark) return undefined;
  if (weir.conversation === undefined && !OPEN_LINKS.includes(tshark.layers[0]!)) return 'link-not-decoded';
  if (tshark.layers.some((layer) => CLOSED_LAYERS.includes(layer))) return 'tunnel-not-opened';
  const reason = weir.conversation === tshark.conversation ? explainId(weir, tshark) : undefined;
  if (reason !== undefined) return reason;
  if (weir.breaches & HEADER_BREACHES || tshark.layers.includes('_ws.malformed')) return 'header-broken';
  return tshark.isCut ? 'packet-cut' : undefined;
}

/** Why the Community ID differs although the conversation is the same. */
function explainId({ protocol }: WeirPacket, tshark: TsharkPacket): Reason | undefined {
  const { layers, communityId } = tshark;
  if (tshark.isLaterFragment) return 'later-fragment';
  if (carriedLayers(layers).length < layers.length) return 'quoted-packet';
  if (WITH_PORTS.includes(protocol)) return undefined;
  if (communityId === undefined) return 'id-left-out';
  return layers.some((layer) => layer === 'udp' || layer === 'tcp') ? 'ports-left-over' : undefined;
}

/** The port of either side in a conversation's key. */
const DNS_PORT = /:(53|5353|5355)( |$)/;

const WITH_PORTS: readonly number[] = [Protocol.tcp, Protocol.udp, Protocol.sctp, Protocol.icmp, Protocol.icmpv6];

/** Why a name stands on one side alone. */
export function explainName(weir: WeirPacket | undefined, tshark: TsharkPacket | undefined): Reason | undefined {
  if (!weir || !tshark) return undefined;
  if (carriedLayers(tshark.layers).length < tshark.layers.length) return 'quoted-packet';
  const [mine, theirs] = [weir.names[0], tshark.names[0]];
  if (mine !== undefined && theirs !== undefined && isSimilar(mine, theirs, weir.isNameCut))
    return weir.isNameCut && !theirs.startsWith(mine.split('\ufffd')[0] || '\ufffd') ? 'name-cut' : 'name-not-utf8';
  if (mine === undefined && !DNS_PORT.test(tshark.conversation ?? '')) return 'dns-elsewhere';
  if (mine === undefined && weir.breaches & B.dnsMalformed) return 'dns-malformed';
  if (tshark.hasUnlistedRecord) return 'record-unlisted';
  if (tshark.isRepeated) return 'repeated-segment';
  if (tshark.layers.includes('tcp') && tshark.isStream) return 'dns-in-stream';
  if (tshark.names.length > 1 && weir.names.length === 1 && tshark.names[0] === weir.names[0])
    return 'further-question';
  return undefined;
}

/**
 * Whether all that is UTF-8 in the name `mine` occurs in `theirs` in the same order, up to its end, and from its beginning
 * where `mine` has lost no front.
 */
function isSimilar(mine: string, theirs: string, isCut: boolean): boolean {
  const parts = mine.split(/\ufffd+/);
  if (parts.length === 1 && !isCut) return false;
  if (!theirs.endsWith(parts.at(-1)!) || !(isCut || theirs.startsWith(parts[0]!))) return false;
  let at = 0;
  for (const part of parts) {
    const found = theirs.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}
