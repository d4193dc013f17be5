import { formatAddress, formatEndpoint, parseAddress } from '@weir/contracts';
import type { Totals } from './totals.js';

/** One side of a conversation. */
export interface Endpoint {
  readonly address: string;
  /** Port; for ICMP the type, or its counterpart or code, as Community ID maps them; 0 without. */
  readonly port: number;
}

/** One packet as Weir shows it. */
export interface WeirPacket {
  /** Key of its conversation; undefined without a network layer that has flows. */
  readonly conversation: string | undefined;
  readonly lengthBytes: number;
  /** Names of its DNS note: none or one. */
  readonly names: readonly string[];
  /** The name may have lost its front, as notes are bounded. */
  readonly isNameCut: boolean;
  /** ConformanceBreach bits. */
  readonly breaches: number;
  readonly protocol: number;
}

/** A capture as Weir shows it: packets in file order, and what its flow records sum to. */
export interface WeirView {
  readonly packets: readonly WeirPacket[];
  readonly conversations: ReadonlyMap<string, Totals>;
  /** Community IDs of the flow records, and the conversation of each. */
  readonly communityIds: ReadonlyMap<string, string>;
}

/** One packet as tshark shows it. */
export interface TsharkPacket {
  readonly conversation: string | undefined;
  readonly lengthBytes: number;
  readonly communityId: string | undefined;
  /** Each question of each DNS message, or the first record's name of a message without questions. */
  readonly names: readonly string[];
  /** Not every record of the packet's DNS messages gave a name. */
  readonly hasUnlistedRecord: boolean;
  /** Layers from the link on, by tshark's names. */
  readonly layers: readonly string[];
  readonly isLaterFragment: boolean;
  /** Not all of the frame was captured. */
  readonly isCut: boolean;
  /** TCP that tshark takes for sent before, or out of order, and so does not look into at its place. */
  readonly isRepeated: boolean;
  /** More than one DNS message in the packet, or one that ends in it after beginning in an earlier one. */
  readonly isStream: boolean;
}

/** The same for both directions: protocol, then the two sides in one order. Tunnels do not count. */
export function conversationKey(protocol: number, source: Endpoint, destination: Endpoint): string {
  const a = formatEndpoint(source.address, source.port);
  const b = formatEndpoint(destination.address, destination.port);
  return a <= b ? `${protocol} ${a} ${b}` : `${protocol} ${b} ${a}`;
}

/** One spelling of an address (RFC 5952). Throws a RangeError for what is none. */
export function oneSpelling(address: string): string {
  return formatAddress(parseAddress(address));
}
