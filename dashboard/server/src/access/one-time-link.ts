import { randomBytes } from 'node:crypto';
import { isSame } from './accounts.js';

/** Longest time between making a link and following it, ms. */
const GOOD_FOR_MS = 24 * 3_600_000;
/** A used link may ask the terminal for another this often, ms. */
const ANOTHER_EACH_MS = 10_000;

/** The link that the terminal prints: good for one browser, once. */
export class OneTimeLink {
  private token = '';
  private madeAtMs = 0;
  private askedAtMs = Number.NEGATIVE_INFINITY;

  /** `show` gets the token of a new link whenever one is made after the first was used. */
  constructor(
    private readonly nowMs: () => number,
    private readonly show: (token: string) => void,
  ) {}

  /** A new token; the one before is void. */
  make(): string {
    this.token = randomBytes(24).toString('base64url');
    this.madeAtMs = this.nowMs();
    return this.token;
  }

  /** Whether this is the token, which is void then. Whoever comes with another makes the terminal print a new link. */
  redeem(token: string): boolean {
    if (this.nowMs() - this.madeAtMs > GOOD_FOR_MS) this.token = '';
    const isGood = this.token !== '' && isSame(token, this.token);
    if (isGood) this.token = '';
    else this.showAnother();
    return isGood;
  }

  private showAnother(): void {
    if (this.token !== '' || this.nowMs() - this.askedAtMs < ANOTHER_EACH_MS) return;
    this.askedAtMs = this.nowMs();
    this.show(this.make());
  }
}
