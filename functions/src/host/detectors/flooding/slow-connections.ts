import {
  type ActivityTable,
  FlowEvent,
  finish,
  formatAddress,
  formatEndpoint,
  hashAddress,
  mix,
  Protocol,
} from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, counted, severityFor } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { flowsOf, keepFlow } from '../stores/kept-flows.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';

/** Connections that were made and to which the service had said nothing by the end of that second. */
const QUIET = 0;
const ENDED = 1;
/** Of those that ended: held long for little. */
const HELD = 2;
const HELD_SECONDS = 3;
const HELD_BYTES = 4;

/** What slow reading looks like from a service: window probes and mouthfuls. A page comes in full segments. */
const SIPPED = { leastPackets: 8, leastMs: 15_000, bytesPerPacket: 160 } as const;

/** Frame bytes of a segment without payload, over IPv6 with options and a VLAN tag. */
const BARE_SEGMENT_BYTES = 100;

/** Connections that are there to be held, not to be used. */
export class SlowConnections implements KeyedDetector<KeyedEntry> {
  readonly name = 'slow-connections';
  readonly kind = 'slow-dos';
  readonly sees =
    'A client that holds many connections to one service at once, or one after the other, over which next to nothing is said (slow headers, slow body, slow read, and idle ones).';
  readonly how =
    'Counts, for each client and service, connections that the service has not said a word to and that are still open, and those that ended after seconds with hardly any bytes. What a service answers in its first second, or what ends soon, does not count, so pools, polls and busy proxies do not.';
  readonly blindTo =
    'Fewer than sixty connections held by each client, as of a botnet; and services that greet first, unless the connections end.';
  readonly evadedBy = 'Thirty connections (50 are told), from each of as many sources as it takes.';
  readonly settings = 'slowDos';
  readonly techniques = [{ id: 'T1499.002', name: 'Endpoint Denial of Service: Service Exhaustion Flood' }];
  readonly advice = [
    'Look whether the service still takes connections of others.',
    'Limit the connections of one address, and the time for request heads and bodies (mod_reqtimeout, client_header_timeout).',
    'Block the source if it has no business with so many.',
  ];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(5, config.maxKeys, sets);
  }

  observeService(activity: ActivityTable, i: number, { slowDos }: HostConfig): void {
    const { events, protocol } = activity.columns;
    if (protocol[i] !== Protocol.tcp) return;
    const isQuiet = (events[i]! & FlowEvent.established) !== 0 && hasServerSaidNothing(activity, i);
    const hasEnded = (events[i]! & FlowEvent.ended) !== 0;
    if (!isQuiet && !hasEnded) return;
    const isTelling = isQuiet || isHeldInVain(activity, i, slowDos);
    if (!isTelling && this.counts.isEmpty) return;
    const entry = this.entryOf(activity, i, isTelling);
    if (!entry) return;
    if (isQuiet) entry.now[QUIET]!++;
    if (hasEnded) this.end(entry, activity, i, slowDos);
    const c = activity.columns;
    const areMany = this.counts.total(entry, QUIET) >= slowDos.open || this.counts.total(entry, HELD) >= slowDos.held;
    if (areMany) this.counts.touch(entry, c.timeUs[i]!, c.lastTimeUs[i]!);
    else this.counts.note(entry, c.timeUs[i]!, c.lastTimeUs[i]!);
    if (isQuiet) keepFlow(entry.flows, activity, i);
  }

  /** The entry of the row's client and service; a new one only for what counts towards an alert. */
  private entryOf({ columns: c }: ActivityTable, i: number, isTelling: boolean): KeyedEntry | undefined {
    const [client, server] = [c.originatorAddress, c.responderAddress];
    const port = c.responderPort[i]!;
    const key = finish(mix(mix(hashAddress(client.words, i * 4), hashAddress(server.words, i * 4)), port));
    const known = this.counts.get(key);
    if (known || !isTelling) return known;
    return this.counts.create(key, {
      client: formatAddress(client.bytes, i * 16),
      subject: formatAddress(server.bytes, i * 16),
      port,
    });
  }

  private end(entry: KeyedEntry, activity: ActivityTable, i: number, slowDos: HostConfig['slowDos']): void {
    const c = activity.columns;
    entry.now[ENDED]!++;
    if (!isHeldInVain(activity, i, slowDos)) return;
    entry.now[HELD]!++;
    entry.now[HELD_SECONDS]! += Math.round(c.totalDurationMs[i]! / 1000);
    entry.now[HELD_BYTES]! += c.totalOriginatorBytes[i]! + c.totalResponderBytes[i]!;
  }

  /** Connections that are open now and to which the service has said nothing when they began. */
  private open(entry: KeyedEntry): number {
    return Math.max(0, this.counts.total(entry, QUIET) - this.counts.total(entry, ENDED));
  }

  magnitude(entry: KeyedEntry, { slowDos }: HostConfig): number {
    const held = this.counts.total(entry, HELD);
    // Where most connections end as they should, the rest are accidents.
    const isMostlyHeld = held >= slowDos.heldShare * this.counts.total(entry, ENDED);
    return Math.max(this.open(entry) / slowDos.open, isMostlyHeld ? held / slowDos.held : 0);
  }

  argue(entry: KeyedEntry, config: HostConfig): Argument {
    const { slowDos } = config;
    const open = this.open(entry);
    const held = this.counts.total(entry, HELD);
    const service = formatEndpoint(entry.subject, entry.port);
    const meanBytes = this.counts.total(entry, HELD_BYTES) / Math.max(1, held);
    const did = [
      open > 0 && `has ${counted(open, 'connection')} to ${service} open over which the service has said nothing`,
      held > 0 &&
        `ended ${counted(held, 'connection')} to ${service} within ${KEYED_WINDOW_S} s that had been held for seconds with ${counted(Math.round(meanBytes), 'byte')} each`,
    ];
    return {
      entity: `${entry.client} > ${entry.subject}:${entry.port}`,
      severity: severityFor('medium', this.magnitude(entry, config), 4),
      confidence: 0.75,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [entry.client],
      targets: [entry.subject],
      title: `${entry.client} holds connections to ${service}`,
      summary: `${entry.client} ${did.filter(Boolean).join(', and ')}.`,
      evidence: [
        { measure: 'connections open and silent', unit: 'connection', value: open, normal: 6, threshold: slowDos.open },
        { measure: 'connections held for little', unit: 'connection', value: held, normal: 5, threshold: slowDos.held },
        { measure: 'time that these were held, in all', unit: 's', value: this.counts.total(entry, HELD_SECONDS) },
        { measure: 'bytes said in each, on average', unit: 'byte', value: Math.round(meanBytes) },
      ],
      counterfactual: `Fewer than ${slowDos.open} silent connections at once, and fewer than ${slowDos.held} held ones in ${KEYED_WINDOW_S} s; or a word of the service in the first second of each.`,
      flows: flowsOf(entry),
    };
  }
}

/** The handshake is complete and the server was seen, but it has sent no payload in this second. */
function hasServerSaidNothing({ columns: c }: ActivityTable, i: number): boolean {
  const packets = c.responderPackets[i]!;
  return packets > 0 && c.responderBytes[i]! <= packets * BARE_SEGMENT_BYTES;
}

/**
 * Held, and answered with no more than an error, or read in sips: many clients behind one address hold connections too,
 * and get pages.
 */
function isHeldInVain(activity: ActivityTable, i: number, slowDos: HostConfig['slowDos']): boolean {
  if (!isHeld(activity, i, slowDos)) return false;
  return activity.columns.totalResponderBytes[i]! <= slowDos.answerBytes || isSipped(activity, i);
}

/** The service sent packet after packet with next to nothing in it for long, as into a window of a few bytes. */
function isSipped({ columns: c }: ActivityTable, i: number): boolean {
  const packets = c.totalResponderPackets[i]!;
  if (packets < SIPPED.leastPackets || c.totalDurationMs[i]! < SIPPED.leastMs) return false;
  return c.totalResponderBytes[i]! <= packets * SIPPED.bytesPerPacket;
}

/** Ended after seconds in which hardly anything was said, though something was asked. */
export function isHeld(
  { columns: c }: ActivityTable,
  i: number,
  { heldS, heldBytesPerSecond }: HostConfig['slowDos'],
): boolean {
  const durationMs = c.totalDurationMs[i]!;
  if (!(c.events[i]! & FlowEvent.ended) || durationMs < heldS * 1000 || c.totalOriginatorBytes[i] === 0) return false;
  if (c.totalResponderPackets[i] === 0) return false;
  const bytes = c.totalOriginatorBytes[i]! + c.totalResponderBytes[i]!;
  return bytes * 1000 <= heldBytesPerSecond * durationMs;
}
