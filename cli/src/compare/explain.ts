import { ConformanceBreach } from '@weir/contracts';
import { carriedLayers } from './tshark-layers.js';
import type { TsharkPacket, WeirPacket } from './views.js';

/** Why the two may rightly differ on a packet, and what each does. */
export const REASONS = {
  'later-fragment':
    'Only the first fragment of a datagram has ports. Weir gives later ones the ports of the first; tshark, with reassembly off, makes an ID without them.',
  'fragment-first-missing': 'The first fragment is not in the capture before the others, so the ports are unknown.',
  'quoted-packet': 'An ICMP error quotes a packet. tshark dissects the quotation too; Weir keeps to the error itself.',
  'tunnel-not-opened': 'tshark follows an encapsulation that is not among the tunnels that Weir opens.',
  'tunnel-opened': 'Weir follows a tunnel that tshark does not.',
  'packet-cut': 'The snap length cut the packet inside a header.',
  'header-broken': 'Lengths or versions in a header cannot be; each reads on as far as it dares.',
  'further-question': 'A message with several questions, as in mDNS: Weir notes the first.',
  'dns-in-stream':
    'DNS over TCP: several messages in a segment, or one in several segments. Weir reads whole ones that fill a segment.',
  'repeated-segment': 'A segment that was seen before or came out of order: tshark does not look into it at its place.',
} as const;

export type Reason = keyof typeof REASONS;

/** Layers that hold packets and that Weir does not open. */
const CLOSED_LAYERS = ['teredo', 'capwap', 'l2tp', 'lisp', 'sflow', 'pgm', 'esp', 'openvpn', 'wlan', 'hsrp', 'ipsec'];

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

/** Why the conversation or Community ID of a packet differs, or undefined when nothing known explains it. */
export function explainHeaders(weir: WeirPacket | undefined, tshark: TsharkPacket | undefined): Reason | undefined {
  if (!weir || !tshark) return undefined;
  if (tshark.isLaterFragment) return 'later-fragment';
  if (tshark.layers.some((layer) => CLOSED_LAYERS.includes(layer))) return 'tunnel-not-opened';
  if (carriedLayers(tshark.layers).length < tshark.layers.length) return 'quoted-packet';
  if (weir.breaches & HEADER_BREACHES) return 'header-broken';
  if (tshark.isCut) return 'packet-cut';
  return tshark.layers.includes('_ws.malformed') ? 'header-broken' : undefined;
}

/** Why a name stands on one side alone. */
export function explainName(weir: WeirPacket | undefined, tshark: TsharkPacket | undefined): Reason | undefined {
  if (!weir || !tshark) return undefined;
  if (carriedLayers(tshark.layers).length < tshark.layers.length) return 'quoted-packet';
  if (tshark.isRepeated) return 'repeated-segment';
  if (tshark.layers.includes('tcp') && tshark.isStream) return 'dns-in-stream';
  if (tshark.names.length > 1 && weir.names.length === 1 && tshark.names[0] === weir.names[0])
    return 'further-question';
  return undefined;
}
