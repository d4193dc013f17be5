import {
  type ActivityTable,
  finish,
  formatAddress,
  formatEndpoint,
  hashAddress,
  hashBytes,
  mix,
  NoteKind,
  type NoteTable,
  Protocol,
} from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, readable, severityFor } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { flowsOf, keepFlow } from '../stores/kept-flows.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { serviceOfNote } from '../stores/of-note.js';
import { isHeld } from './slow-connections.js';

const REQUESTS = 0;
const HELD = 1;
/** Least and greatest hash of a path asked for, as their order does not matter; equal when there is one path only. 0 none. */
const LEAST_PATH = 2;
const GREATEST_PATH = 3;
const GET = 0x47;
/** The method and its space. */
const GET_BYTES = 4;
const SPACE = 0x20;
/** Tells hashes of lengths from others in a set. */
const LENGTHS = 5;

/** One page asked for in ever other disguise, over connections that are then left idle. */
export class RandomisedRequests implements KeyedDetector<KeyedEntry> {
  readonly name = 'randomised-requests';
  readonly kind = 'slow-dos';
  readonly sees =
    'A client that asks a web server for one page over and over with heads of ever other length, over connections that it leaves idle until the server gives up.';
  readonly how =
    'Tools that exhaust web servers make up agents, referrers and parameters, so that no cache helps, and leave connections to time out. A browser asks for what belongs to a page too, and keeps at most six connections to a server; a program that polls always sends the same. Counted are the distinct lengths of requests, where all are for one path, and connections held for little.';
  readonly blindTo =
    'HTTPS, where heads cannot be read; and tools that close their connections, or ask for more than one path.';
  readonly evadedBy = 'Heads of one length, a second path, or closing each connection after its answer.';
  readonly settings = 'slowDos';
  readonly techniques = [{ id: 'T1499.002', name: 'Endpoint Denial of Service: Service Exhaustion Flood' }];
  readonly advice = [
    'Look at the requests in the log of the web server: agents and parameters that change each time give the tool away.',
    'Limit the connections and requests of one address, and shorten the keep-alive time.',
    'Block the source if nobody can explain it.',
  ];
  readonly noteKinds = [NoteKind.httpRequest];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(4, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number, { slowDos }: HostConfig): void {
    const c = notes.columns;
    if (c.noteText.data[c.noteText.offsets[i]!] !== GET) return;
    const entry = serviceOfNote(this.counts, notes, i);
    if (!entry) return;
    entry.now[REQUESTS]!++;
    notePath(entry.now, notes, i);
    this.counts.addDistinct(entry, finish(mix(LENGTHS, c.noteValue[i]!)));
    if (this.counts.total(entry, HELD) >= slowDos.randomisedHeld) this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
    else this.counts.note(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  observeActivity(activity: ActivityTable, i: number, { slowDos }: HostConfig): void {
    const c = activity.columns;
    if (c.protocol[i] !== Protocol.tcp || !isHeld(activity, i, slowDos)) return;
    const { originatorAddress: client, responderAddress: server } = c;
    const port = c.responderPort[i]!;
    const key = finish(mix(mix(hashAddress(client.words, i * 4), hashAddress(server.words, i * 4)), port));
    const entry =
      this.counts.get(key) ??
      this.counts.create(key, {
        client: formatAddress(client.bytes, i * 16),
        subject: formatAddress(server.bytes, i * 16),
        port,
      });
    if (!entry) return;
    entry.now[HELD]!++;
    this.counts.touch(entry, c.lastTimeUs[i]! - c.totalDurationMs[i]! * 1000, c.lastTimeUs[i]!);
    keepFlow(entry.flows, activity, i);
  }

  magnitude(entry: KeyedEntry, { slowDos }: HostConfig): number {
    const held = this.counts.total(entry, HELD);
    if (held < slowDos.randomisedHeld || !isOnePath(entry)) return 0;
    return Math.min(this.counts.distinct(entry) / slowDos.requestLengths, held / slowDos.randomisedHeld);
  }

  argue(entry: KeyedEntry, config: HostConfig): Argument {
    const { randomisedHeld, requestLengths } = config.slowDos;
    const held = this.counts.total(entry, HELD);
    const requests = this.counts.total(entry, REQUESTS);
    const lengths = this.counts.distinct(entry);
    return {
      entity: `${entry.client} > ${entry.subject}:${entry.port}`,
      severity: severityFor('medium', this.magnitude(entry, config), 4),
      confidence: 0.6,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [entry.client],
      targets: [entry.subject],
      title: `${entry.client} ties up the web server ${entry.subject} with made-up requests`,
      summary: `${entry.client} asked ${formatEndpoint(entry.subject, entry.port)} ${readable(requests)} times for one page within ${KEYED_WINDOW_S} s, in ${readable(lengths)} different lengths, and left ${readable(held)} connections idle until they timed out.`,
      evidence: [
        {
          measure: 'connections held for little',
          unit: 'connection',
          value: held,
          normal: 3,
          threshold: randomisedHeld,
        },
        { measure: 'different lengths of requests', unit: '1', value: lengths, normal: 3, threshold: requestLengths },
        { measure: 'requests', unit: 'request', value: requests },
      ],
      counterfactual: `Fewer than ${randomisedHeld} such connections in ${KEYED_WINDOW_S} s, requests of fewer than ${requestLengths} lengths, or a request for anything else.`,
      flows: flowsOf(entry),
    };
  }
}

/** Takes in the path of request `i`, up to the space behind it. */
function notePath(now: number[], notes: NoteTable, i: number): void {
  const { data, offsets } = notes.columns.noteText;
  const space = data.subarray(offsets[i]!, offsets[i + 1]!).indexOf(SPACE, GET_BYTES);
  const hash = 1 + (hashBytes(data, offsets[i]!, space < 0 ? offsets[i + 1]! : offsets[i]! + space) >>> 0);
  now[LEAST_PATH] = now[LEAST_PATH] === 0 ? hash : Math.min(now[LEAST_PATH]!, hash);
  now[GREATEST_PATH] = Math.max(now[GREATEST_PATH]!, hash);
}

/** Whether all requests of both halves of the window were for one path. */
function isOnePath({ now, before }: KeyedEntry): boolean {
  const paths = [now[LEAST_PATH], now[GREATEST_PATH], before[LEAST_PATH], before[GREATEST_PATH]];
  return new Set(paths.filter((path) => path !== 0)).size === 1;
}
