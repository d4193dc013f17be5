import { type ActivityTable, FlowEvent, finish, formatAddress, hashAddress, mix } from '@weir/contracts';
import type { HostConfig } from '../../config.js';
import { isOutside } from '../address-scope.js';
import { type Argument, counted, readableBytes, severityFor } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { flowsOf, keepFlow } from '../stores/kept-flows.js';
import { type LastingEntry, LastingKeys } from '../stores/lasting-keys.js';

/** Sent amounts are added up over this long, and told over two of them. Unit: s. */
const SPAN_S = 300;
/** A host or pair that sent nothing for this long is forgotten. Unit: s. */
const IDLE_S = 7 * 86_400;
/** What a flow sends faster than this is counted second by second, and else when it ends. Unit: byte/s. */
const FAST_BYTES_PER_SECOND = 16_384;
/** Weight of the newest span in what is usual; and how far above it, and above this, a span may count at most. */
const LEARNING_RATE = 0.1;
const LEARN_AT_MOST = { factor: 4, bytes: 1e6 } as const;

/** What was sent within a span. */
interface Sent {
  bytes: number;
  received: number;
  /** Connections that ended. */
  pieces: number;
  /** Then nothing is learnt from it. */
  isTold: boolean;
}

/** A host, or a host and one place outside to which it sends. */
interface Sender {
  client: string;
  /** Empty: all places together. */
  server: string;
  /** Key of the entry of the host. */
  hostKey: number;
  spanS: number;
  now: Sent;
  before: Sent;
  /** What is usual in a span with traffic, and how many spans it was learnt in. Unit: byte. */
  usualBytes: number;
  spans: number;
  /** Largest span that was not told. */
  mostBytes: number;
}

/** Much that leaves the network, from a host that does not do so, to a place where it has not sent as much before. */
export class DataExfiltration implements KeyedDetector<LastingEntry<Sender>> {
  readonly name = 'data-exfiltration';
  readonly kind = 'data-exfiltration';
  readonly sees =
    'A host that sends far more to one place outside than it receives from there, than it usually sends anywhere, and than it has sent there before, in bulk or in many small connections.';
  readonly how =
    'What each host sends to each place outside is added up over five to ten minutes. The threshold is the largest of the configured one, ten times what this host usually sends in a span, and four times the most that it sent to that place before: a backup to a known place stays below. A host that is not known yet must exceed four times the configured threshold. Spans that were told are not learnt from.';
  readonly blindTo =
    'What leaves slower than the threshold, over connections that were opened from outside, or to a place that gets as much every day.';
  readonly evadedBy =
    'Twenty-five MB an hour in many pieces or 250 MB in few, or sending to the place where the backups go.';
  readonly techniques = [
    { id: 'T1048', name: 'Exfiltration Over Alternative Protocol' },
    { id: 'T1041', name: 'Exfiltration Over C2 Channel' },
  ];
  readonly advice = [
    'Find out who runs the destination, and whether somebody meant to send there.',
    'Find the program and the user on the host, and what files they had open.',
    'Stop the connection if nobody knows of it; keep its flows as evidence.',
  ];
  readonly counts: LastingKeys<Sender>;

  constructor(config: HostConfig) {
    this.counts = new LastingKeys<Sender>(
      { maxKeys: config.maxLastingKeys, idleS: () => IDLE_S, periodS: SPAN_S },
      (entry) => {
        if (!this.counts.isStale(entry)) return;
        entry.firstUs = 0;
        Object.assign(entry.about, { usualBytes: 0, spans: 0, mostBytes: 0 });
      },
    );
  }

  observeActivity(activity: ActivityTable, i: number, { dataExfiltration }: HostConfig): void {
    const c = activity.columns;
    const isCounted = (c.events[i]! & FlowEvent.ended) !== 0 || c.originatorBytes[i]! >= FAST_BYTES_PER_SECOND;
    if (!isCounted || !isOutside(c.responderAddress.bytes, i * 16)) return;
    const host = hashAddress(c.originatorAddress.words, i * 4);
    const hostKey = finish(mix(17, host));
    const placeKey = finish(mix(mix(19, host), hashAddress(c.responderAddress.words, i * 4)));
    this.add(hostKey, hostKey, activity, i);
    const entry = this.add(placeKey, hostKey, activity, i);
    if (!entry) return;
    keepFlow(entry.flows, activity, i);
    if (entry.about.now.bytes + entry.about.before.bytes >= dataExfiltration.bytesInPieces)
      this.counts.touch(entry, c.timeUs[i]!, c.lastTimeUs[i]!);
  }

  private add(key: number, hostKey: number, activity: ActivityTable, i: number): LastingEntry<Sender> | undefined {
    const { timeUs, lastTimeUs } = activity.columns;
    const entry = this.counts.get(key) ?? this.counts.add(key, () => newSender(key, hostKey, activity, i));
    if (!entry) return undefined;
    enterSpan(entry.about, Math.floor(timeUs[i]! / 1e6 / SPAN_S) * SPAN_S);
    countSent(entry.about.now, activity, i);
    if (!this.counts.pass(entry, timeUs[i]!, lastTimeUs[i]!)) this.counts.touch(entry, timeUs[i]!, lastTimeUs[i]!);
    return entry;
  }

  private hostOf({ hostKey }: Sender): Sender | undefined {
    return this.counts.get(hostKey)?.about;
  }

  private thresholdOf(sender: Sender, { dataExfiltration }: HostConfig): number {
    const host = this.hostOf(sender);
    const isKnown = host !== undefined && host.spans >= dataExfiltration.knownSpans;
    const { pieces } = totalOf(sender);
    const least = pieces >= dataExfiltration.pieces ? dataExfiltration.bytesInPieces : dataExfiltration.bytes;
    return Math.max(isKnown ? least : 4 * least, 10 * (host?.usualBytes ?? 0), 4 * sender.mostBytes);
  }

  magnitude({ about }: LastingEntry<Sender>, config: HostConfig): number {
    const { bytes, received } = totalOf(about);
    const { dataExfiltration } = config;
    if (about.server === '' || bytes < dataExfiltration.bytesInPieces) return 0;
    if (bytes < dataExfiltration.sentOverReceived * received) return 0;
    return bytes / this.thresholdOf(about, config);
  }

  argue(entry: LastingEntry<Sender>, config: HostConfig): Argument {
    const { about } = entry;
    const { client, server, spanS, mostBytes } = about;
    const { bytes, received, pieces } = totalOf(about);
    const threshold = this.thresholdOf(about, config);
    const usual = this.hostOf(about)?.usualBytes ?? 0;
    for (const told of [about, this.hostOf(about)]) if (told) told.now.isTold = told.before.isTold = true;
    return {
      entity: `${client} > ${server}`,
      severity: severityFor('medium', bytes / threshold),
      confidence: usual > 0 ? 0.75 : 0.5,
      startUs: Math.max(entry.firstUs, (spanS - SPAN_S) * 1e6),
      endUs: entry.lastUs,
      sources: [client],
      targets: [server],
      title: `${client} sends ${readableBytes(bytes)} to ${server}`,
      summary: `${client} sent ${readableBytes(bytes)} to ${server} within ${2 * SPAN_S} s, in ${counted(pieces, 'connection')} that ${pieces === 1 ? 'has' : 'have'} ended, and received ${readableBytes(received)}; it usually sends ${readableBytes(usual)} in ${SPAN_S} s to all places together.`,
      evidence: [
        { measure: 'sent to this place', unit: 'byte', value: bytes, normal: Math.round(usual), threshold },
        { measure: 'received from it', unit: 'byte', value: received },
        { measure: 'most sent there in a span before', unit: 'byte', value: mostBytes },
        { measure: 'connections that ended', unit: 'connection', value: pieces },
      ],
      counterfactual: `Less than ${readableBytes(threshold)}, or as much to that place before.`,
      flows: flowsOf(entry),
    };
  }
}

function newSender(key: number, hostKey: number, { columns: c }: ActivityTable, i: number): Sender {
  return {
    client: formatAddress(c.originatorAddress.bytes, i * 16),
    server: key === hostKey ? '' : formatAddress(c.responderAddress.bytes, i * 16),
    hostKey,
    spanS: 0,
    now: nothing(),
    before: nothing(),
    usualBytes: 0,
    spans: 0,
    mostBytes: 0,
  };
}

function nothing(): Sent {
  return { bytes: 0, received: 0, pieces: 0, isTold: false };
}

/** Adds row `i`: of a fast flow its second, of a slow one the whole of it when it ends. */
function countSent(sent: Sent, { columns: c }: ActivityTable, i: number): void {
  const hasEnded = (c.events[i]! & FlowEvent.ended) !== 0;
  if (hasEnded) sent.pieces++;
  if (c.originatorBytes[i]! >= FAST_BYTES_PER_SECOND) {
    sent.bytes += c.originatorBytes[i]!;
    sent.received += c.responderBytes[i]!;
  } else if (hasEnded) {
    const bytes = c.totalOriginatorBytes[i]!;
    if (bytes >= FAST_BYTES_PER_SECOND * Math.max(1, c.totalDurationMs[i]! / 1000)) return;
    sent.bytes += bytes;
    sent.received += c.totalResponderBytes[i]!;
  }
}

/** Makes the sender count the span that begins at `startS`, and learns from those that are out of sight now. */
function enterSpan(sender: Sender, startS: number): void {
  if (startS <= sender.spanS) return;
  const isNext = startS - sender.spanS === SPAN_S;
  learn(sender, sender.before);
  if (!isNext) learn(sender, sender.now);
  sender.before = isNext ? sender.now : nothing();
  sender.now = nothing();
  sender.spanS = startS;
}

/** What was told is not learnt, nor more than a limit of anything. */
function learn(sender: Sender, { bytes, isTold }: Sent): void {
  if (bytes === 0 || isTold) return;
  const counted = Math.min(bytes, LEARN_AT_MOST.factor * sender.usualBytes + LEARN_AT_MOST.bytes);
  sender.usualBytes += (sender.spans === 0 ? 1 : LEARNING_RATE) * (counted - sender.usualBytes);
  sender.mostBytes = Math.max(sender.mostBytes, bytes);
  sender.spans++;
}

function totalOf({ now, before }: Sender): Omit<Sent, 'isTold'> {
  return {
    bytes: now.bytes + before.bytes,
    received: now.received + before.received,
    pieces: now.pieces + before.pieces,
  };
}
