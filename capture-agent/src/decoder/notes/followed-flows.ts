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
} as const;

/** Flows that are followed at the same time; a newer one with the same slot pushes an older out. */
const SLOTS = 8192;
const DIRECTION_BIT = 0x80;

/**
 * Flows of which more than the first payload tells something, by flow hash. One table of fixed size that depends on packet
 * order alone; a flow that is pushed out loses its later notes.
 */
export class FollowedFlows {
  /** Grows with each flow that is added: rows that were searched before must be searched again. */
  additions = 0;
  private readonly hashes = new Int32Array(SLOTS);
  /** A byte of each hash: small enough to stay in the nearest cache, and nearly always enough to say no. */
  private readonly tags = new Uint8Array(SLOTS);
  private readonly values = new Uint8Array(SLOTS);

  /** Follows the flow with this hash. `direction` is the one that matters, as in the block's column. */
  add(hash: number, follow: number, direction: number): void {
    const slot = hash & (SLOTS - 1);
    this.additions++;
    this.hashes[slot] = hash;
    this.tags[slot] = hash >>> 24;
    this.values[slot] = direction === 0 ? follow : follow | DIRECTION_BIT;
  }

  remove(hash: number): void {
    const slot = hash & (SLOTS - 1);
    if (this.hashes[slot] === (hash | 0)) this.values[slot] = Follow.nothing;
  }

  /** What is looked at in packets of this flow, a Follow; `nothing` when it is not followed. */
  followOf(hash: number): number {
    const slot = hash & (SLOTS - 1);
    if (this.tags[slot] !== hash >>> 24 || this.hashes[slot] !== (hash | 0)) return Follow.nothing;
    return this.values[slot]! & ~DIRECTION_BIT;
  }

  /** The direction that matters of a followed flow. */
  directionOf(hash: number): number {
    return this.values[hash & (SLOTS - 1)]! >>> 7;
  }
}
