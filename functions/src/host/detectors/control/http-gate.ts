import { formatEndpoint, hashBytes, NoteKind, type NoteTable } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, counted } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { pairOfNote } from '../stores/of-note.js';

const POSTS = 0;
const PROGRAMS = 1;
/** Scripts that were asked for, not posted to. */
const SCRIPTS = 2;
/** Anything else: pages and what belongs to them. */
const OTHERS = 3;
/** Requests for scripts by what runs them, from here on. */
const FIRST_TECHNOLOGY = 4;

const TECHNOLOGIES = [/\.php$/, /\.aspx?$/, /\.jsp$|\.do$/, /\.(cgi|pl)$/];
const PROGRAM = /\.(exe|dll|scr|bin|ps1|vbs|hta|bat|elf|sh|jar)$/;
const LONGEST_REQUEST_BYTES = 256;

/**
 * A bot and its gate: a client that reports to a script and fetches programs from the same server in the clear, and never
 * looks at a page there, as whoever downloads a program does; or one that asks again and again for nothing but scripts, of
 * kinds that no one server runs side by side.
 */
export class HttpGate implements KeyedDetector<KeyedEntry> {
  readonly name = 'http-gate';
  readonly kind = 'command-and-control';
  readonly sees =
    'A client that posts to a script and fetches programs from one server over plain HTTP, or asks it again and again for scripts of different kinds (PHP, ASP, JSP), without ever asking for a page or an image.';
  readonly how =
    'Requests of each client and server are counted over five minutes: posts to a script, programs fetched, scripts of each kind, and everything else. Whoever downloads by hand has looked at a page first, and a page brings its images along.';
  readonly blindTo =
    'HTTPS; gates without a script name; programs with other names; bots that fetch pages too. An updater that reports in this way looks the same: add an exception.';
  readonly evadedBy = 'Any encryption, or one request for a page.';
  readonly techniques = [
    { id: 'T1071.001', name: 'Application Layer Protocol: Web Protocols' },
    { id: 'T1105', name: 'Ingress Tool Transfer' },
  ];
  readonly advice = [
    'Isolate the client, and find the program that made the requests.',
    'Fetch what the server gave into a sandbox, and look it up by its hash.',
    'Block the server, and look who else has been there.',
  ];
  readonly noteKinds = [NoteKind.httpRequest];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(FIRST_TECHNOLOGY + TECHNOLOGIES.length, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    if (c.serverPort[i] === 1900) return;
    const entry = pairOfNote(this.counts, notes, i);
    if (!entry) return;
    // Who has looked at a page is none of these, for as long as that counts.
    if (entry.now[OTHERS]! > 0) this.counts.note(entry, c.timeUs[i]!, c.timeUs[i]!);
    else this.countRequest(entry, notes, i);
  }

  private countRequest(entry: KeyedEntry, notes: NoteTable, i: number): void {
    const { noteText, timeUs } = notes.columns;
    this.counts.touch(entry, timeUs[i]!, timeUs[i]!);
    const { data, offsets } = noteText;
    const start = offsets[i]!;
    const end = Math.min(offsets[i + 1]!, start + LONGEST_REQUEST_BYTES);
    const request = Buffer.from(data.buffer, data.byteOffset + start, end - start).toString('latin1');
    const [method, path = ''] = request.toLowerCase().split(' ', 2);
    const technology = TECHNOLOGIES.findIndex((suffix) => suffix.test(path));
    if (technology >= 0) entry.now[FIRST_TECHNOLOGY + technology]!++;
    if (method === 'get' && PROGRAM.test(path)) {
      entry.now[PROGRAMS]!++;
      this.counts.addDistinct(entry, hashBytes(data, start, end));
    } else entry.now[technology < 0 ? OTHERS : method === 'post' ? POSTS : SCRIPTS]!++;
  }

  /** Kinds of script that were asked for. */
  private technologies(entry: KeyedEntry): number {
    return TECHNOLOGIES.filter((_, k) => this.counts.total(entry, FIRST_TECHNOLOGY + k) > 0).length;
  }

  magnitude(entry: KeyedEntry, { httpGate }: HostConfig): number {
    if (this.counts.total(entry, OTHERS) > 0) return 0;
    const posts = this.counts.total(entry, POSTS);
    const scripts = this.counts.total(entry, SCRIPTS);
    const isGate = scripts === 0 && this.counts.distinct(entry) >= httpGate.programs;
    const isMixed = this.technologies(entry) >= 2;
    return Math.max(isGate ? posts / httpGate.posts : 0, isMixed ? (posts + scripts) / httpGate.scripts : 0);
  }

  argue(entry: KeyedEntry, { httpGate }: HostConfig): Argument {
    const { client, subject, port } = entry;
    const posts = this.counts.total(entry, POSTS);
    const programs = this.counts.distinct(entry);
    const scripts = this.counts.total(entry, SCRIPTS);
    return {
      entity: `${client} > ${subject}`,
      severity: 'high',
      confidence: programs > 1 || scripts >= httpGate.scripts ? 0.8 : 0.65,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [client],
      targets: [subject],
      title: `${client} takes orders from ${subject} over HTTP`,
      summary: `${client} posted ${counted(posts, 'time')} to scripts on ${formatEndpoint(subject, port)}, asked ${counted(scripts, 'time')} for scripts of ${counted(this.technologies(entry), 'kind')} and fetched ${counted(programs, 'program')} within ${KEYED_WINDOW_S} s, but not one page or image.`,
      evidence: [
        { measure: 'posts to a script', unit: 'request', value: posts, normal: 0, threshold: httpGate.posts },
        { measure: 'distinct programs fetched', unit: '1', value: programs, normal: 0, threshold: httpGate.programs },
        { measure: 'scripts asked for', unit: 'request', value: scripts, threshold: httpGate.scripts },
        { measure: 'kinds of script', unit: '1', value: this.technologies(entry), normal: 1, threshold: 2 },
        { measure: 'pages and other things fetched', unit: 'request', value: 0, normal: 10 },
      ],
      counterfactual: 'A look at a page of that server, as before any download by hand.',
      flows: [],
    };
  }
}
