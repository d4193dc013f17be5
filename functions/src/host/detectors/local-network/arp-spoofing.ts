import { finish, formatAddress, hashAddress, hashBytes, mix, NoteKind, type NoteTable } from '@weir/contracts';
import type { HostConfig } from '../../config.js';
import { type Argument, readable } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { AddressClaims, CLAIM_WINDOW_S, type Claim, type Claimant } from './address-claims.js';

/** Length of a hardware address in text. */
const MAC_LENGTH = 17;
/** Virtual routers answer with an address that moves between machines by design (RFC 9568 7.3, HSRP). */
const VIRTUAL_ROUTER = /^(00:00:5e:00:0[12]|00:00:0c:07:ac)/;

/** What is held against a claimant. */
interface Findings {
  claims: Claim[];
  /** Of these, those that another claims too, and goes on to claim. */
  contested: { claim: Claim; rival: string }[];
  /** Answers to hosts that had not asked. */
  unasked: number;
  /** Whether they were led astray, or else two have one address, perhaps by mistake. */
  isLed: boolean;
  magnitude: number;
}

/** ARP that makes others send their traffic to the wrong machine. */
export class ArpSpoofing implements KeyedDetector<Claimant> {
  readonly name = 'arp-spoofing';
  readonly kind = 'arp-spoofing';
  readonly sees =
    'A hardware address that claims IP addresses of others by ARP: one that another keeps claiming, or several of one network, with answers that nobody asked for. Without such answers it is told as a conflict of addresses, which is of no severity.';
  readonly how =
    'For five minutes it is kept which hardware address said to have which IP address, how often, and whether the one it said it to had asked within five seconds. Moves happen (a new lease, a replaced card), so an address that has moved once is no finding: its old owner must go on claiming it. Two such addresses are enough without an answer, as questions mislead too.';
  readonly blindTo =
    'Spoofing on links that no sensor sees, and of a silent machine whose address is taken with few messages. Two machines with one address by mistake look the same: that too needs repair.';
  readonly evadedBy = 'Answering real questions only, faster than the owner, for one address at a time.';
  readonly techniques = [{ id: 'T1557.002', name: 'Adversary-in-the-Middle: ARP Cache Poisoning' }];
  readonly advice = [
    'Find the switch port of the hardware address, and the machine behind it.',
    'Compare with the address that the gateway and the named machines really have.',
    'Until it is found, treat what the named machines sent unencrypted as read by a third.',
    'Turn on ARP inspection on the switches.',
  ];
  readonly noteKinds = [NoteKind.arpRequest, NoteKind.arpReply];
  readonly counts: AddressClaims;

  constructor(config: HostConfig) {
    this.counts = new AddressClaims(config.maxLastingKeys);
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    const kind = c.noteKind[i]!;
    const client = hashAddress(c.clientAddress.words, i * 4);
    const server = hashAddress(c.serverAddress.words, i * 4);
    // A probe for an own address has no sender (RFC 5227).
    if (c.clientAddress.words[i * 4 + 3] === 0) return;
    const { data, offsets } = c.noteText;
    const start = offsets[i]!;
    if (offsets[i + 1]! - start !== MAC_LENGTH) return;
    const timeUs = c.timeUs[i]!;
    const sensor = this.counts.sensorBit;
    const claim = this.counts.claim({
      macKey: finish(mix(hashBytes(data, start, start + MAC_LENGTH), sensor)),
      placeKey: finish(mix(client, sensor)),
      timeUs,
      mac: () => Buffer.from(data.buffer, data.byteOffset + start, MAC_LENGTH).toString('latin1'),
      address: () => formatAddress(c.clientAddress.bytes, i * 16),
    });
    if (kind === NoteKind.arpRequest) this.counts.ask(finish(mix(mix(sensor, client), server)), timeUs);
    else if (claim && c.noteValue[i] !== 1) this.counts.answer(claim, finish(mix(mix(sensor, server), client)), timeUs);
  }

  private findings(claimant: Claimant, { arpSpoofing }: HostConfig): Findings {
    const claims = this.counts.recent(claimant);
    const contested = claims.flatMap((claim) => {
      // Where the capture begins in the midst of it, who came first is not known, but it tells more than it is asked or asks.
      const isLoud = claim.unasked >= arpSpoofing.unaskedAnswers && 3 * claim.unasked >= claim.count;
      const rivals = this.counts.rivalsOf(claimant, claim);
      const rival = rivals.find((other) => goesOn(claim, other.claim) || (isLoud && goesOn(other.claim, claim)));
      return rival ? [{ claim, rival: rival.mac }] : [];
    });
    const unasked = claims.reduce((sum, claim) => sum + claim.unasked, 0);
    const isToldUnasked = unasked > 0 && (contested.length > 0 || ofOneNetwork(claims) >= arpSpoofing.addresses);
    // By mistake a machine has the address of one other.
    const isLed = isToldUnasked || contested.length >= arpSpoofing.addresses;
    // What was told as a conflict is told again when it turns out to be more: that takes twice as much.
    const magnitude = isLed ? 2 + unasked / arpSpoofing.unaskedAnswers : Math.min(1, contested.length);
    return { claims, contested, unasked, isLed, magnitude };
  }

  magnitude(claimant: Claimant, config: HostConfig): number {
    if (!claimant.claims.some((claim) => claim.unasked > 0 || this.counts.isContested(claim))) return 0;
    const { magnitude } = this.findings(claimant, config);
    return magnitude > 0 && VIRTUAL_ROUTER.test(claimant.mac) ? 0 : magnitude;
  }

  argue(claimant: Claimant, config: HostConfig): Argument {
    const { mac } = claimant;
    const { claims, contested, unasked, isLed } = this.findings(claimant, config);
    const addresses = claims.map(({ address }) => address).sort();
    const taken = contested.length > 0 ? contested.map(({ claim }) => claim.address).sort() : addresses;
    const rivals = [...new Set(contested.map(({ rival }) => rival))].join(', ');
    const { arpSpoofing } = config;
    // Its own address, which it may have claimed for long, is no evidence.
    const guilty = claims.filter((claim) => claim.unasked > 0 || contested.some((other) => other.claim === claim));
    const telling = guilty.length > 0 ? guilty : claims;
    return {
      entity: mac,
      // Two machines with one address are trouble, but mostly a mistake.
      severity: !isLed ? 'info' : contested.length > 0 ? 'high' : 'medium',
      confidence: !isLed ? 0.4 : contested.length > 0 ? 0.9 : 0.65,
      startUs: Math.min(...telling.map(({ firstUs }) => firstUs)),
      endUs: Math.max(...telling.map(({ lastUs }) => lastUs)),
      sources: [mac],
      targets: taken,
      title: `${mac} claims ${taken.length > 1 ? `${taken.length} addresses` : taken[0]} by ARP`,
      summary: `${mac} claimed ${addresses.join(', ')} by ARP within ${CLAIM_WINDOW_S} s${rivals ? `, of which ${taken.join(', ')} also ${taken.length === 1 ? 'belongs' : 'belong'} to ${rivals}` : ''}; ${readable(unasked)} of its answers ${unasked === 1 ? 'was to a host' : 'were to hosts'} that had not asked.`,
      evidence: [
        {
          measure: 'addresses that another goes on to claim',
          unit: 'address',
          value: contested.length,
          normal: 0,
          threshold: 1,
        },
        {
          measure: 'answers to hosts that had not asked',
          unit: 'message',
          value: unasked,
          normal: 0,
          threshold: arpSpoofing.unaskedAnswers,
        },
        {
          measure: 'addresses claimed',
          unit: 'address',
          value: addresses.length,
          normal: 1,
          threshold: arpSpoofing.addresses,
        },
      ],
      counterfactual: 'One address for one machine, and answers to those who ask.',
      flows: [],
    };
  }
}

/**
 * The most claims to addresses that differ in their last part only. A machine that was moved from one network to another
 * claims an address in each.
 */
function ofOneNetwork(claims: readonly Claim[]): number {
  const counts = new Map<string, number>();
  for (const { address } of claims) {
    const network = address.slice(0, address.lastIndexOf('.'));
    counts.set(network, (counts.get(network) ?? 0) + 1);
  }
  return Math.max(...counts.values());
}

/** Whether both go on to claim: the newcomer began between the first and the last claim of the other. */
function goesOn(own: Claim, other: Claim): boolean {
  return other.count > 1 && own.count > 1 && other.firstUs < own.firstUs && own.firstUs < other.lastUs;
}
