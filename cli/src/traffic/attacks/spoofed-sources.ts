/** First octets that no spoofing tool would pass off as a host: private, loopback, link-local, shared, documentation
 *  and benchmark blocks (whole /8s around the smaller ones), multicast and reserved (RFC 6890). */
const SKIPPED_OCTETS = new Uint8Array(256);
for (const octet of [0, 10, 100, 127, 169, 172, 192, 198, 203]) SKIPPED_OCTETS[octet] = 1;
SKIPPED_OCTETS.fill(1, 224);

/** A one-to-one scrambling of 32-bit numbers: odd multiplications and shifts, each of which can be undone. */
function scramble(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/**
 * An endless sequence of spoofed IPv4 addresses in which the first `distinct` are all different, and which then begins
 * again. It needs no memory: a counter goes through a one-to-one scrambling. The addresses are random numbers, not hosts.
 */
export class SpoofedSources {
  private counter = 0;
  private given = 0;

  /** `distinct`: 1..3,000,000,000. */
  constructor(
    private readonly seed: number,
    private readonly distinct: number,
  ) {}

  /** The next address as a 32-bit number. */
  next(): number {
    if (this.given === this.distinct) this.rewind();
    this.given += 1;
    for (;;) {
      const address = scramble((this.counter + this.seed) | 0);
      this.counter += 1;
      if (SKIPPED_OCTETS[address >>> 24] === 0) return address;
    }
  }

  private rewind(): void {
    this.counter = 0;
    this.given = 0;
  }
}
