import { formatEndpoint, NoteKind, type NoteTable } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, readable, severityFor } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { serviceOfNote } from '../stores/of-note.js';

/** Requests are counted in stretches of ten seconds of capture time. */
const STRETCH_US = 10_000_000;

/** Start of the current stretch, µs; requests in it; most in any stretch; all. */
const STRETCH = 0;
const IN_STRETCH = 1;
const MOST = 2;

/** HTTP requests in numbers that only exhaust. */
export class HttpFlood implements KeyedDetector<KeyedEntry> {
  readonly name = 'http-flood';
  readonly kind = 'http-flood';
  readonly sees = 'A client that sends one web server more requests than any page or program needs.';
  readonly how =
    'Counts the HTTP requests of each client to each server in stretches of ten seconds. A page with all that belongs to it is some hundred requests; a busy program some tens a second.';
  readonly blindTo = 'HTTPS, and floods from many clients with fewer requests each: those show as connections only.';
  readonly evadedBy = 'Encryption, or ninety requests a second from each of many sources.';
  readonly techniques = [{ id: 'T1499.002', name: 'Endpoint Denial of Service: Service Exhaustion Flood' }];
  readonly advice = [
    'Ask whether it is a load test.',
    'Limit the requests of one address in front of the server, and block the source if nobody can explain it.',
  ];
  readonly noteKinds = [NoteKind.httpRequest];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(3, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number, { httpFlood }: HostConfig): void {
    const c = notes.columns;
    const entry = serviceOfNote(this.counts, notes, i);
    if (!entry) return;
    const timeUs = c.timeUs[i]!;
    const stretch = timeUs - (timeUs % STRETCH_US);
    const { now } = entry;
    if (now[STRETCH] !== stretch) {
      now[STRETCH] = stretch;
      now[IN_STRETCH] = 0;
    }
    now[IN_STRETCH]!++;
    now[MOST] = Math.max(now[MOST]!, now[IN_STRETCH]!);
    if (now[MOST]! >= httpFlood.requests) this.counts.touch(entry, timeUs, timeUs);
    else this.counts.note(entry, timeUs, timeUs);
  }

  magnitude({ now }: KeyedEntry, { httpFlood }: HostConfig): number {
    return now[MOST]! / httpFlood.requests;
  }

  argue(entry: KeyedEntry, { httpFlood }: HostConfig): Argument {
    const most = entry.now[MOST]!;
    const least = httpFlood.requests;
    return {
      entity: `${entry.client} > ${entry.subject}:${entry.port}`,
      severity: severityFor('medium', most / least, 5),
      confidence: 0.8,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [entry.client],
      targets: [entry.subject],
      title: `${entry.client} floods the web server ${entry.subject} with requests`,
      summary: `${entry.client} sent ${readable(most)} HTTP requests to ${formatEndpoint(entry.subject, entry.port)} within ten seconds.`,
      evidence: [
        { measure: 'requests in the busiest ten seconds', unit: 'request', value: most, normal: 100, threshold: least },
      ],
      counterfactual: `Fewer than ${readable(least)} requests in ten seconds.`,
      flows: [],
    };
  }
}
