import { type ActivityTable, FlowEvent, finish, formatEndpoint, hashAddress, mix, Protocol } from '@weir/contracts';
import type { HostConfig } from '../../config.js';
import { type Argument, readable } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { flowsOf, keepFlow } from '../stores/kept-flows.js';
import type { LastingEntry } from '../stores/lasting-keys.js';
import { clampShare, intervalScore, median, sizeScore } from './regularity.js';
import { beginAnew, commitOpening, countSizes, newVisits, noteOpening, VisitKeys, type Visits } from './visits.js';

/** A pair that came once is forgotten sooner than one that comes again and again. Unit: s. */
const IDLE_S = { once: 3600, again: 6 * 3600 } as const;
/** A finding is said again after this time; one with gaps longer than the second figure after the third. Unit: s. */
const REMINDER_S = 300;
const SLOW_GAP_S = 400;
const SLOW_REMINDER_S = 6 * 3600;
/** A series is judged at every so many gaps, and its flows are kept from so many on: most are never told. */
const JUDGE_EVERY_GAPS = 4;
const GAPS_BEFORE_FLOWS = 4;
/** Gaps from which a series is as persistent as can be. */
const PERSISTENT_GAPS = 24;
/** Clients of a destination that are no sign of anything; each three more halve what it weighs, then third it, and so on. */
const FEW_CLIENTS = 2;

/**
 * Services that are asked in time by design, by protocol number and port: names, time, addresses, mail boxes, monitoring.
 */
const PERIODIC_SERVICES: ReadonlySet<number> = new Set([
  ...[53, 67, 68, 123, 137, 138, 161, 500, 546, 547, 1900, 3478, 4500, 5353, 5355].map((port) => (17 << 16) | port),
  ...[53, 110, 143, 853, 993, 995].map((port) => (6 << 16) | port),
]);

/** Scores of a series of visits, each in [0, 1]. */
interface Scores {
  interval: number;
  size: number;
  persistence: number;
  /** The three together, before they are weighed by rarity. */
  all: number;
}

/** A program that calls home: connections to one service at even times, alike in size, where few others go. */
export class Beacon implements KeyedDetector<LastingEntry<Visits>> {
  readonly name = 'beacon';
  readonly kind = 'beacon';
  readonly sees =
    'A client that opens connections to one service again and again at even times, sending alike amounts, where few or no other hosts of this network go.';
  readonly how =
    'Of each client and service, the latest 48 gaps between openings and the sizes of what was sent are kept. Three scores in [0, 1], for even gaps (also where some beats are missing), for even sizes and for persistence, are weighed 2:1:1, then divided down by how many hosts use the destination.';
  readonly blindTo =
    'Beacons inside one long connection, slower than one in six hours, to services that are polled by design (DNS, NTP, mail boxes), or to a destination that many hosts use, as a content network. Programs that poll a server of their maker look the same: add an exception.';
  readonly evadedBy =
    'Gaps that vary by four fifths (three fifths are told), or a new destination for every twelve calls.';
  readonly techniques = [
    { id: 'T1071.001', name: 'Application Layer Protocol: Web Protocols' },
    { id: 'T1029', name: 'Scheduled Transfer' },
  ];
  readonly advice = [
    'Find the program on the client that opens these connections.',
    'Look up who runs the destination, and since when its name and certificate exist.',
    'If nobody can explain it, isolate the client and block the destination for all.',
  ];
  readonly counts: VisitKeys;

  constructor(config: HostConfig) {
    const idleS = ({ gapsMs }: Visits) => (gapsMs.length > 1 ? IDLE_S.again : IDLE_S.once);
    this.counts = new VisitKeys({ maxKeys: config.maxLastingKeys, idleS, periodS: REMINDER_S }, (entry) => {
      if (entry.about.paneFromPort === 0) return;
      if (this.counts.isStale(entry)) beginAnew(entry);
      commitOpening(entry.about, entry.paneFirstUs);
    });
  }

  observeService(activity: ActivityTable, i: number): void {
    const c = activity.columns;
    const isTcp = c.protocol[i] === Protocol.tcp;
    const opened = c.events[i]! & (isTcp ? FlowEvent.established : FlowEvent.answered);
    const ended = c.events[i]! & FlowEvent.ended;
    if (!(opened | ended) || (!isTcp && c.protocol[i] !== Protocol.udp)) return;
    const port = c.responderPort[i]!;
    if (PERIODIC_SERVICES.has((c.protocol[i]! << 16) | port)) return;
    const client = hashAddress(c.originatorAddress.words, i * 4);
    const key = finish(mix(mix(client, hashAddress(c.responderAddress.words, i * 4)), (c.protocol[i]! << 16) | port));
    const entry = this.counts.get(key) ?? (opened ? this.counts.add(key, () => newVisits(activity, i)) : undefined);
    if (!entry) return;
    if (ended) countSizes(entry.about, activity, i);
    if (!opened) return;
    noteOpening(entry.about, activity, i);
    this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
    if (entry.about.gapsMs.length >= GAPS_BEFORE_FLOWS) keepFlow(entry.flows, activity, i);
  }

  /** `interval` is passed where it need not be worked out. */
  private scores({ gapsMs, sent }: Visits, interval = intervalScore(gapsMs)): Scores {
    const size = sizeScore(sent);
    const persistence = clampShare(gapsMs.length / PERSISTENT_GAPS);
    return { interval, size, persistence, all: interval / 2 + size / 4 + persistence / 4 };
  }

  /** 1 for a destination of few, a half from five clients on, a third from eight. */
  private rarity(visits: Visits): number {
    return 1 / (1 + Math.max(0, this.counts.clientsOf(visits) - FEW_CLIENTS) / 3);
  }

  magnitude({ about, firstUs, lastUs }: LastingEntry<Visits>, { beacon }: HostConfig): number {
    const { gapsMs, sent, receivedBytes } = about;
    if (gapsMs.length < beacon.gaps || about.openings % JUDGE_EVERY_GAPS !== 0) return 0;
    if (about.openedUs - firstUs < beacon.leastS * 1e6) return 0;
    if ((sent.sum + receivedBytes) / Math.max(1, sent.count) > beacon.bytesPerVisit) return 0;
    // Most are no beacons even if they came like clockwork, and gaps take long to judge.
    const rarity = this.rarity(about);
    if (this.scores(about, 1).all * rarity < beacon.score) return 0;
    const score = this.scores(about).all * rarity;
    if (score < beacon.score) return 0;
    // Slower than incidents stay open it would make a new one each time.
    const wasToldLately = about.toldUs > 0 && lastUs - about.toldUs < SLOW_REMINDER_S * 1e6;
    return wasToldLately && median(gapsMs) > SLOW_GAP_S * 1000 ? 0 : score / beacon.score;
  }

  argue(entry: LastingEntry<Visits>, { beacon }: HostConfig): Argument {
    const { about } = entry;
    const { client, server, port, gapsMs, sent } = about;
    const { interval, size, persistence, all: even } = this.scores(about);
    const rarity = this.rarity(about);
    const all = even * rarity;
    const gapS = median(gapsMs) / 1000;
    const clients = this.counts.clientsOf(about);
    about.toldUs = entry.lastUs;
    return {
      entity: `${client} > ${server}:${port}`,
      // Within a network most services are polled by something; calls and games take up a conversation again over UDP.
      severity: !about.isOutside ? 'info' : about.isDatagrams ? 'low' : 'medium',
      confidence: Math.min(0.9, all),
      startUs: entry.firstUs,
      endUs: entry.lastUs,
      sources: [client],
      targets: [server],
      title: `${client} calls ${formatEndpoint(server, port)} every ${readable(gapS)} s`,
      summary: `${client} opened ${readable(gapsMs.length + 1)} connections to ${formatEndpoint(server, port)}, ${readable(gapS)} s apart, sending ${readable(sent.count > 0 ? sent.sum / sent.count : 0)} bytes in each on average; ${clients === 1 ? 'no other host goes there' : `${clients} hosts go there`}.`,
      evidence: [
        { measure: 'score of all, weighed by rarity', unit: '1', value: all, normal: 0.3, threshold: beacon.score },
        { measure: 'evenness of the gaps', unit: '1', value: interval, normal: 0.1 },
        { measure: 'evenness of the sizes', unit: '1', value: size, normal: 0.3 },
        { measure: 'persistence', unit: '1', value: persistence, threshold: beacon.gaps / PERSISTENT_GAPS },
        { measure: 'rarity of the destination', unit: '1', value: rarity },
        { measure: 'median gap', unit: 's', value: gapS },
      ],
      counterfactual: `Gaps as uneven as a person's or a program's that works, or more hosts of this network that use ${server}.`,
      flows: flowsOf(entry),
    };
  }
}
