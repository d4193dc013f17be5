import { type ActivityTable, finish, formatAddress, hashAddress, mix, NoteKind, type NoteTable } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, readable, severityFor } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { flowsOf, keepFlow } from '../stores/kept-flows.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { pairOfNote } from '../stores/of-note.js';

const SENT_PACKETS = 0;
const SENT_BYTES = 1;
const RECEIVED_PACKETS = 2;
const RECEIVED_BYTES = 3;
/** Seconds in which both sides spoke, and of these those in which the messages of one were longer than the other's. */
const ANSWERED_SECONDS = 4;
const UNEQUAL_SECONDS = 5;
/** Messages that hold what no ping does. */
const DIFFERING = 6;

/** Message types of echo: request and reply of ICMP (RFC 792) and ICMPv6 (RFC 4443). */
const ECHO_TYPES: ReadonlySet<number> = new Set([0, 8, 128, 129]);
/** Frames are padded to this length on Ethernet, on one side of a sensor's interface and not on the other. Unit: byte. */
const LEAST_FRAME_BYTES = 60;

/**
 * Data carried in echo messages: a reply must repeat what the request held (RFC 792), so with a ping both are as long as
 * each other, and in most pings all are of one length.
 */
export class IcmpTunnel implements KeyedDetector<KeyedEntry> {
  readonly name = 'icmp-tunnel';
  readonly kind = 'icmp-tunnel';
  readonly sees =
    'Two hosts whose echo messages (ping) carry data: of many lengths, or ever other data, and replies that do not repeat their requests.';
  readonly how =
    'Of each pair of hosts, echo messages are counted by length and direction over five minutes. A reply repeats its request, so a second in which the two sides send messages of different length is one of no ping. The capture agent notes replies that hold other data than their requests, and requests, or replies whose requests are not seen or empty, that hold other data than the one before, beyond the first 32 bytes, where times and counters lie; a score of these are no ping either.';
  readonly blindTo = 'Tunnels that send requests of the same data and have them repeated; and other ICMP types.';
  readonly evadedBy =
    'An exchange every two and a half minutes (one every 75 s is told); or messages of one length both ways, fewer than twenty in five minutes.';
  readonly techniques = [
    { id: 'T1095', name: 'Non-Application Layer Protocol' },
    { id: 'T1572', name: 'Protocol Tunneling' },
  ];
  readonly advice = [
    'Capture a few of the messages and look at what they carry.',
    'Find the program on the source that sends them: a ping needs no data.',
    'Let echo messages out to known addresses only, or limit their length.',
  ];
  readonly noteKinds = [NoteKind.echoData];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(7, config.maxKeys, sets);
  }

  observeIcmp(activity: ActivityTable, i: number): void {
    const c = activity.columns;
    if (!ECHO_TYPES.has(c.originatorPort[i]!)) return;
    const sentPackets = c.originatorPackets[i]!;
    const receivedPackets = c.responderPackets[i]!;
    if (sentPackets + receivedPackets === 0) return;
    const key = finish(
      mix(hashAddress(c.originatorAddress.words, i * 4), hashAddress(c.responderAddress.words, i * 4)),
    );
    const entry =
      this.counts.get(key) ??
      this.counts.create(key, {
        client: formatAddress(c.originatorAddress.bytes, i * 16),
        subject: formatAddress(c.responderAddress.bytes, i * 16),
        port: 0,
      });
    if (!entry) return;
    const sent = meanLength(c.originatorBytes[i]!, sentPackets);
    const received = meanLength(c.responderBytes[i]!, receivedPackets);
    entry.now[SENT_PACKETS]! += sentPackets;
    entry.now[SENT_BYTES]! += c.originatorBytes[i]!;
    entry.now[RECEIVED_PACKETS]! += receivedPackets;
    entry.now[RECEIVED_BYTES]! += c.responderBytes[i]!;
    if (sentPackets > 0 && receivedPackets > 0) entry.now[ANSWERED_SECONDS]!++;
    if (sentPackets > 0 && receivedPackets > 0 && sent !== received) entry.now[UNEQUAL_SECONDS]!++;
    if (sentPackets > 0) this.counts.addDistinct(entry, finish(mix(1, Math.round(sent))));
    if (receivedPackets > 0) this.counts.addDistinct(entry, finish(mix(2, Math.round(received))));
    this.counts.touch(entry, c.timeUs[i]!, c.lastTimeUs[i]!);
    keepFlow(entry.flows, activity, i);
  }

  /** A reply that does not repeat its request, or a request with other data than the one before. */
  observeNote(notes: NoteTable, i: number): void {
    const { timeUs } = notes.columns;
    const entry = pairOfNote(this.counts, notes, i);
    if (!entry) return;
    entry.now[DIFFERING]!++;
    this.counts.touch(entry, timeUs[i]!, timeUs[i]!);
  }

  /** Seconds that were no ping: lengths differed, or what one side sent alone goes beyond what the other did. */
  private unequal(entry: KeyedEntry): number {
    return this.counts.total(entry, UNEQUAL_SECONDS);
  }

  private bytes(entry: KeyedEntry): number {
    return this.counts.total(entry, SENT_BYTES) + this.counts.total(entry, RECEIVED_BYTES);
  }

  magnitude(entry: KeyedEntry, { icmpTunnel }: HostConfig): number {
    const differing = this.counts.total(entry, DIFFERING) / icmpTunnel.differing;
    return Math.max(differing, this.timesUnequal(entry, icmpTunnel));
  }

  /** The same by lengths alone. */
  private timesUnequal(entry: KeyedEntry, icmpTunnel: HostConfig['icmpTunnel']): number {
    const lengths = this.counts.distinct(entry);
    const unequal = this.unequal(entry);
    if (lengths < icmpTunnel.lengths || unequal < icmpTunnel.unequalSeconds) return 0;
    if (unequal < icmpTunnel.unequalShare * this.counts.total(entry, ANSWERED_SECONDS)) return 0;
    const bytes = this.bytes(entry);
    return bytes < icmpTunnel.bytes ? 0 : Math.min(unequal / icmpTunnel.unequalSeconds, bytes / icmpTunnel.bytes);
  }

  argue(entry: KeyedEntry, { icmpTunnel }: HostConfig): Argument {
    const { client, subject } = entry;
    const lengths = this.counts.distinct(entry);
    const unequal = this.unequal(entry);
    const bytes = this.bytes(entry);
    const messages = this.counts.total(entry, SENT_PACKETS) + this.counts.total(entry, RECEIVED_PACKETS);
    return {
      // Either side may be the first that is seen.
      entity: [client, subject].sort().join(' - '),
      severity: severityFor('high', bytes / icmpTunnel.bytes, 1000),
      confidence: Math.min(0.95, 0.7 + 0.02 * unequal),
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [client],
      targets: [subject],
      title: `${client} carries data to ${subject} in echo messages`,
      summary: `${client} and ${subject} exchanged ${readable(messages)} echo messages of ${readable(lengths)} lengths within ${KEYED_WINDOW_S} s, ${readable(bytes)} bytes; in ${readable(unequal)} seconds the replies were not as long as what they answer, and ${readable(this.counts.total(entry, DIFFERING))} messages held what no ping does.`,
      evidence: [
        {
          measure: 'seconds in which requests and replies differed in length',
          unit: 's',
          value: unequal,
          normal: 0,
          threshold: icmpTunnel.unequalSeconds,
        },
        { measure: 'distinct lengths', unit: '1', value: lengths, normal: 2, threshold: icmpTunnel.lengths },
        {
          measure: 'messages that hold what no ping does',
          unit: 'message',
          value: this.counts.total(entry, DIFFERING),
          normal: 0,
          threshold: icmpTunnel.differing,
        },
        { measure: 'bytes in frames', unit: 'byte', value: bytes, normal: 1000, threshold: icmpTunnel.bytes },
      ],
      counterfactual: 'Replies that repeat their requests, as every ping has.',
      flows: flowsOf(entry),
    };
  }
}

function meanLength(bytes: number, packets: number): number {
  return packets === 0 ? 0 : Math.max(LEAST_FRAME_BYTES, bytes / packets);
}
