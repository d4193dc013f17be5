/** What of a flow is looked at behind its first payloads. */
export const Follow = {
  nothing: 0,
  /** The rest of a TLS client hello, in one direction. */
  hello: 1,
  /** Further QUIC Initial datagrams of a client, in one direction. */
  quic: 2,
  /** HTTP/1 heads, in both directions. */
  http: 3,
  /** Reply lines of FTP, SMTP, POP3 or IMAP, in the server's direction. */
  replies: 4,
  smb: 5,
  /** SSH key exchange, in both directions. */
  ssh: 6,
  /** Every datagram: protocols that say little and often in one flow. */
  datagrams: 7,
  /** A TLS hello behind an exchange in clear. */
  startTls: 8,
  /** DCE/RPC, in both directions. */
  rpc: 9,
  /** A program behind its length, which came alone; in one direction. */
  stage: 10,
  /** Results of logins: LDAP, SIP. */
  logins: 11,
  /** Communities of SNMP. */
  communities: 12,
} as const;

/** Flows that are followed at the same time; a newer one with the same slot pushes an older out. */
export const FOLLOWED_SLOTS = 8192;
const DIRECTION_BIT = 0x80;

/**
 * Flows of which more than the first payload tells something, by flow hash. One table of fixed size that depends on packet
 * order alone; a flow that is pushed out loses its later notes. It lies in the compiled core, which enters flows too and
 * looks them up (capture-agent/decode-core/followed-flows.ts).
 */
export class FollowedFlows {
  constructor(
    private readonly hashes: Int32Array,
    private readonly values: Uint8Array,
  ) {}

  /** Follows the flow with this hash. `direction` is the one that matters, as in the block's column. */
  add(hash: number, follow: number, direction: number): void {
    const slot = hash & (FOLLOWED_SLOTS - 1);
    this.hashes[slot] = hash;
    this.values[slot] = direction === 0 ? follow : follow | DIRECTION_BIT;
  }

  remove(hash: number): void {
    const slot = hash & (FOLLOWED_SLOTS - 1);
    if (this.hashes[slot] === (hash | 0)) this.values[slot] = Follow.nothing;
  }
}
