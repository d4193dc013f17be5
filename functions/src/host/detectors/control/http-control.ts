import { formatEndpoint, hashBytes, NoteKind, type NoteTable } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { isOutside } from '../address-scope.js';
import { type Argument, counted } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { pairOfNote } from '../stores/of-note.js';
import { HTTP_SIGNS, isMasqueraded, isOfBrowser, namesProgram, signsOf, weightOf } from './http-signs.js';

/** Requests with signs; of these, those that name a program, or whose path is too long to tell. */
const REQUESTS = 0;
const NAMED_PROGRAMS = 1;
/** Answers that bring a program of Windows, and one of another system. */
const WINDOWS_PROGRAMS = 2;
const OTHER_PROGRAMS = 3;
/** Answers that bring a program and say that it is an image, a sound, a style, or write it in Base64. */
const MASKED_PROGRAMS = 4;
/** Most that one request weighs. */
const HEAVIEST = 5;
/** Requests in disguise to a bare address outside. */
const POLLS = 6;
/** Requests with each sign, from here on. */
const FIRST_SIGN = 7;

/** Lighter requests are not remembered. */
const LEAST_WEIGHT = 1.5;
/** What it weighs that an answer brings a program for which no path asked. Devices fetch their own software so. */
const UNNAMED_WINDOWS_WEIGHT = 2;
const UNNAMED_OTHER_WEIGHT = 1;
/** What an answer weighs that says to be something else than the program that it is; no working server does so. */
const MASKED_WEIGHT = 4;
const MASK = /^\w+ (image|audio|video|font)\/|^\w+ text\/css|^exe base64/;
const LONGEST_ANSWER_BYTES = 64;
const BLANK = 0x20;
/** As many of them for so few paths are a program that asks for orders, and what that weighs. */
const POLLED = { least: 12, mostPaths: 3, weight: 1 } as const;
/** From this weight on there is hardly another reading. */
const HIGH_WEIGHT = 5;

/** Single requests as bots make them: each sign is weak, their sum is not. */
export class HttpControl implements KeyedDetector<KeyedEntry> {
  readonly name = 'http-control';
  readonly kind = 'command-and-control';
  readonly sees =
    'A request over plain HTTP that looks like that of a bot in several ways at once: a disguise as a browser, a post to a script without a page, a bare address, a program fetched under another name.';
  readonly how =
    "Weighs eleven signs in each request (which fields are there, what the program calls itself, the path, the method, the address), what came back, and whether a disguised program asks a bare address for the same over and over. No two of them suffice. Real browsers send Accept-Language, and names of today's versions; their requests are passed over at once.";
  readonly blindTo =
    'HTTPS; heads that were not captured whole, where what is missing cannot be known; and bots that ask as a library of today does, which look like any program.';
  readonly evadedBy = 'HTTPS, or the whole head of a real browser.';
  readonly techniques = [
    { id: 'T1071.001', name: 'Application Layer Protocol: Web Protocols' },
    { id: 'T1105', name: 'Ingress Tool Transfer' },
    { id: 'T1036', name: 'Masquerading' },
  ];
  readonly advice = [
    'Find the program on the client that made the request; no page in a browser did.',
    'Look up the server, and fetch what it gave into a sandbox.',
    'If it is known software, add an exception for the server.',
  ];
  readonly noteKinds = [NoteKind.httpRequest, NoteKind.httpResponse];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(FIRST_SIGN + HTTP_SIGNS.length, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    const kind = c.noteKind[i]!;
    if (kind === NoteKind.httpRequest) this.observeRequest(notes, i);
    else if (kind === NoteKind.httpResponse && c.noteText.offsets[i]! < c.noteText.offsets[i + 1]!)
      this.observeProgram(notes, i);
  }

  private observeRequest(notes: NoteTable, i: number): void {
    if (isOfBrowser(notes.columns.noteCode[i]!) || notes.columns.serverPort[i] === 1900) return;
    const signs = signsOf(notes, i);
    const weight = weightOf(signs);
    if (weight < LEAST_WEIGHT) return;
    const entry = this.entryOf(notes, i);
    if (!entry) return;
    entry.now[REQUESTS]!++;
    if (namesProgram(notes, i, signs)) entry.now[NAMED_PROGRAMS]!++;
    entry.now[HEAVIEST] = Math.max(entry.now[HEAVIEST]!, weight);
    for (let k = 0; k < HTTP_SIGNS.length; k++) if (signs & (1 << k)) entry.now[FIRST_SIGN + k]!++;
    // Within a network recorders and panels ask their cameras so.
    if (!isMasqueraded(signs) || !isOutside(notes.columns.serverAddress.bytes, i * 16)) return;
    entry.now[POLLS]!++;
    this.counts.addDistinct(entry, hashOfPath(notes, i));
  }

  private observeProgram(notes: NoteTable, i: number): void {
    const { data, offsets } = notes.columns.noteText;
    const entry = this.entryOf(notes, i);
    if (!entry) return;
    const start = offsets[i]!;
    const length = Math.min(offsets[i + 1]! - start, LONGEST_ANSWER_BYTES);
    const text = Buffer.from(data.buffer, data.byteOffset + start, length).toString('latin1');
    if (MASK.test(text)) entry.now[MASKED_PROGRAMS]!++;
    else entry.now[text.startsWith('exe') ? WINDOWS_PROGRAMS : OTHER_PROGRAMS]!++;
  }

  /** The entry of the note's client and server, which something has happened to. */
  private entryOf(notes: NoteTable, i: number): KeyedEntry | undefined {
    const { timeUs } = notes.columns;
    const entry = pairOfNote(this.counts, notes, i);
    if (entry) this.counts.touch(entry, timeUs[i]!, timeUs[i]!);
    return entry;
  }

  /** What the heaviest request weighs together with programs that came though none was asked for by name. */
  private weight(entry: KeyedEntry): number {
    if (this.counts.total(entry, MASKED_PROGRAMS) > 0) return MASKED_WEIGHT + this.unnamedWeight(entry);
    if (this.counts.total(entry, REQUESTS) === 0) return 0;
    const heaviest = Math.max(entry.now[HEAVIEST]!, entry.before[HEAVIEST]!);
    return heaviest + this.unnamedWeight(entry) + this.polledWeight(entry);
  }

  private polledWeight(entry: KeyedEntry): number {
    if (this.counts.total(entry, POLLS) < POLLED.least) return 0;
    return this.counts.distinct(entry) <= POLLED.mostPaths ? POLLED.weight : 0;
  }

  private unnamedWeight(entry: KeyedEntry): number {
    const named = this.counts.total(entry, NAMED_PROGRAMS);
    const ofWindows = this.counts.total(entry, WINDOWS_PROGRAMS);
    if (ofWindows > named) return UNNAMED_WINDOWS_WEIGHT;
    return ofWindows + this.counts.total(entry, OTHER_PROGRAMS) > named ? UNNAMED_OTHER_WEIGHT : 0;
  }

  magnitude(entry: KeyedEntry, { httpControl }: HostConfig): number {
    return this.weight(entry) / httpControl.weight;
  }

  argue(entry: KeyedEntry, { httpControl }: HostConfig): Argument {
    const { client, subject, port } = entry;
    const weight = this.weight(entry);
    const requests = this.counts.total(entry, REQUESTS);
    const unnamed = this.unnamedWeight(entry);
    const seen = HTTP_SIGNS.map(({ name }, k) => ({ name, count: this.counts.total(entry, FIRST_SIGN + k) }));
    const signs = seen.filter(({ count }) => count > 0);
    const words: string[] = signs.map(({ name }) => name);
    if (unnamed > 0) words.push('a program that came unnamed');
    if (this.polledWeight(entry) > 0) words.push('the same asked for over and over');
    if (this.counts.total(entry, MASKED_PROGRAMS) > 0) words.push('a program that came as an image or as text');
    return {
      entity: `${client} > ${subject}`,
      severity: weight >= HIGH_WEIGHT ? 'high' : 'medium',
      confidence: weight >= HIGH_WEIGHT ? 0.75 : 0.6,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [client],
      targets: [subject],
      title: `${client} talks to ${subject} as a bot does`,
      summary: `${client} sent ${formatEndpoint(subject, port)} ${counted(requests, 'odd request')} within ${KEYED_WINDOW_S} s: ${words.join('; ')}.`,
      evidence: [
        { measure: 'weight of the signs', unit: '1', value: weight, normal: 1, threshold: httpControl.weight },
        ...signs.map(({ name, count }) => ({ measure: name, unit: 'request', value: count, normal: 0 })),
      ],
      counterfactual: `Signs that weigh less than ${httpControl.weight} together: a name of its own for the program, the fields of a browser, or a page of that server.`,
      flows: [],
    };
  }
}

/** The method and path of a request, as a number. */
function hashOfPath({ columns: { noteText } }: NoteTable, i: number): number {
  const { data, offsets } = noteText;
  const start = offsets[i]!;
  const end = offsets[i + 1]!;
  const pathAt = data.indexOf(BLANK, start) + 1;
  const behind = pathAt > 0 ? data.indexOf(BLANK, pathAt) : -1;
  return hashBytes(data, start, behind > 0 && behind < end ? behind : end);
}
