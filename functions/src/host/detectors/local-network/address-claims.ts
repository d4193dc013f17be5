import type { KeyedFinding, KeyedStore } from '../keyed-detector.js';
import { Touched } from '../stores/touched.js';

/** What is claimed counts for this long. Unit: s. */
export const CLAIM_WINDOW_S = 300;
/** An answer belongs to a question of at most this long ago. Unit: s. */
const QUESTION_S = 5;
/** A finding is said again after this time. Unit: s. */
const PERIOD_S = 150;
/** Old claims are looked for once in this time. Unit: s. */
const FORGET_EVERY_S = 10;

/** That a hardware address says it has an IP address, on one sensor. */
export interface Claim {
  readonly address: string;
  /** Hash of the address and the sensor. */
  readonly placeKey: number;
  firstUs: number;
  lastUs: number;
  /** Messages that said so; and of these, answers to somebody who had not asked. */
  count: number;
  unasked: number;
}

/** A hardware address and what it claims. Sensors are apart: private networks repeat each other's addresses. */
export interface Claimant extends KeyedFinding {
  mac: string;
  claims: Claim[];
}

/** One ARP message, or what says the same. */
export interface ClaimMessage {
  /** Hash of the claimant's hardware address and the sensor; and of the IP address and the sensor. */
  macKey: number;
  placeKey: number;
  timeUs: number;
  /** Asked for when they are new. */
  mac(): string;
  address(): string;
}

/** An answer of the current pane, until all questions of the pane are known. */
interface Answer {
  claim: Claim;
  questionKey: number;
  timeUs: number;
}

/** Claims one hardware address may have at a time; a router with more than these claims no more. */
const CLAIMS_KEPT = 32;

/** Which hardware addresses claim which IP addresses, over five minutes. Bounded by `maxKeys` claimants and questions. */
export class AddressClaims implements KeyedStore<Claimant> {
  private claimants = new Map<number, Claimant>();
  /** By placeKey: keys of its claimants. */
  private claimantsOf = new Map<number, number[]>();
  /** When it was asked last, by who and for what. Unit: µs. */
  private questions = new Map<number, number>();
  private answers: Answer[] = [];
  readonly touched = new Touched<Claimant>();
  private forgottenAtS = 0;
  halfStartS = 0;
  sensorBit = 0;
  refused = 0;

  constructor(private readonly maxKeys: number) {}

  /** Notes a claim. Undefined when there is no room. */
  claim(message: ClaimMessage): Claim | undefined {
    const { macKey, placeKey, timeUs } = message;
    const claimant = this.claimants.get(macKey) ?? this.enter(message);
    if (!claimant) return undefined;
    const claim = claimOf(claimant, placeKey) ?? this.addClaim(claimant, message);
    if (!claim) return undefined;
    if (timeUs - claim.lastUs > CLAIM_WINDOW_S * 1e6) Object.assign(claim, { firstUs: timeUs, count: 0, unasked: 0 });
    claim.count++;
    if (timeUs < claim.firstUs) claim.firstUs = timeUs;
    if (timeUs > claim.lastUs) claim.lastUs = timeUs;
    claimant.sensors |= this.sensorBit;
    this.touched.add(claimant);
    return claim;
  }

  private enter({ macKey: key, mac }: ClaimMessage): Claimant | undefined {
    if (this.claimants.size >= this.maxKeys) {
      this.refused++;
      return undefined;
    }
    const claimant: Claimant = { key, mac: mac(), sensors: 0, sensorsBefore: 0, isTouched: false, claims: [] };
    this.claimants.set(key, claimant);
    return claimant;
  }

  private addClaim(claimant: Claimant, { placeKey, address, timeUs }: ClaimMessage): Claim | undefined {
    if (claimant.claims.length >= CLAIMS_KEPT) return undefined;
    const claim = { address: address(), placeKey, firstUs: timeUs, lastUs: timeUs, count: 0, unasked: 0 };
    claimant.claims.push(claim);
    const others = this.claimantsOf.get(placeKey) ?? [];
    if (!others.includes(claimant.key)) this.claimantsOf.set(placeKey, [...others, claimant.key]);
    return claim;
  }

  /** Notes that somebody asked. */
  ask(questionKey: number, timeUs: number): void {
    if (this.questions.size >= this.maxKeys && !this.questions.has(questionKey)) return;
    this.questions.set(questionKey, Math.max(timeUs, this.questions.get(questionKey) ?? 0));
  }

  /** Notes that a claim came as an answer. Whether it was asked for shows when the pane is complete. */
  answer(claim: Claim, questionKey: number, timeUs: number): void {
    if (this.answers.length < this.maxKeys) this.answers.push({ claim, questionKey, timeUs });
    else this.refused++;
  }

  /** What the claimant has claimed within five minutes of its latest claim. */
  recent(claimant: Claimant): Claim[] {
    const sinceUs = sinceUsOf(claimant);
    return claimant.claims.filter(({ lastUs }) => lastUs >= sinceUs);
  }

  /** Whether another has claimed the same address on the same sensor, not long ago. Mostly it is the claimant alone. */
  isContested({ placeKey }: Claim): boolean {
    return (this.claimantsOf.get(placeKey)?.length ?? 0) > 1;
  }

  /** Claims of others, on the same sensor, to the same address within the time that counts. */
  rivalsOf(claimant: Claimant, { placeKey }: Claim): { mac: string; claim: Claim }[] {
    const rivals: { mac: string; claim: Claim }[] = [];
    const sinceUs = sinceUsOf(claimant);
    for (const key of this.claimantsOf.get(placeKey) ?? []) {
      const other = this.claimants.get(key);
      const claim = other && claimOf(other, placeKey);
      if (other && other !== claimant && claim && claim.lastUs >= sinceUs) rivals.push({ mac: other.mac, claim });
    }
    return rivals.sort((a, b) => (a.mac < b.mac ? -1 : 1));
  }

  takeTouched(): readonly Claimant[] {
    for (const { claim, questionKey, timeUs } of this.answers) {
      const askedUs = this.questions.get(questionKey) ?? 0;
      if (Math.abs(timeUs - askedUs) > QUESTION_S * 1e6) claim.unasked++;
    }
    this.answers = [];
    return this.touched.take();
  }

  rollTo(second: number): void {
    this.halfStartS = second - (second % PERIOD_S);
    if (second - this.forgottenAtS < FORGET_EVERY_S) return;
    this.forgottenAtS = second;
    this.forgetClaims((second - CLAIM_WINDOW_S) * 1e6);
    const oldestUs = (second - QUESTION_S) * 1e6;
    this.questions.forEach((askedUs, key) => {
      if (askedUs < oldestUs) this.questions.delete(key);
    });
  }

  /** Claims from before `oldestUs`, and claimants with no others. */
  private forgetClaims(oldestUs: number): void {
    const known = this.claimants.size;
    for (const claimant of this.claimants.values()) {
      if (claimant.claims.some(({ lastUs }) => lastUs < oldestUs))
        claimant.claims = claimant.claims.filter(({ lastUs }) => lastUs >= oldestUs);
      if (claimant.claims.length === 0) this.claimants.delete(claimant.key);
    }
    if (this.claimants.size < known) for (const [place, keys] of this.claimantsOf) this.dropOldClaimants(place, keys);
  }

  private dropOldClaimants(placeKey: number, keys: number[]): void {
    const live = keys.filter((key) => this.claimants.has(key));
    if (live.length === 0) this.claimantsOf.delete(placeKey);
    else if (live.length < keys.length) this.claimantsOf.set(placeKey, live);
  }

  snapshot(): unknown {
    const { halfStartS, forgottenAtS, refused } = this;
    return {
      ...{ halfStartS, forgottenAtS, refused },
      claimants: [...this.claimants.values()],
      claimantsOf: [...this.claimantsOf],
      questions: [...this.questions],
    };
  }

  restore(snapshot: unknown): void {
    const { claimants, claimantsOf, questions, ...numbers } = snapshot as Snapshot;
    Object.assign(this, numbers);
    this.claimants = new Map(claimants.map((claimant) => [claimant.key, claimant]));
    this.claimantsOf = new Map(claimantsOf);
    this.questions = new Map(questions);
    this.answers = [];
    this.touched.clear();
  }
}

function claimOf({ claims }: Claimant, placeKey: number): Claim | undefined {
  for (let k = 0; k < claims.length; k++) if (claims[k]!.placeKey === placeKey) return claims[k];
  return undefined;
}

/** What is older no longer counts when the claimant is looked at. Unit: µs. */
function sinceUsOf({ claims }: Claimant): number {
  return Math.max(...claims.map(({ lastUs }) => lastUs)) - CLAIM_WINDOW_S * 1e6;
}

interface Snapshot {
  halfStartS: number;
  forgottenAtS: number;
  refused: number;
  claimants: Claimant[];
  claimantsOf: [number, number[]][];
  questions: [number, number][];
}
