import { formatEndpoint, hashBytes, NoteKind, type NoteTable } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, readable, severityFor } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { serviceOfNote } from '../stores/of-note.js';

const ERRORS = 0;
const ANSWERS = 1;

/** Path after path that a web server does not have, or does not give. */
export class WebProbing implements KeyedDetector<KeyedEntry> {
  readonly name = 'web-probing';
  readonly kind = 'exploit';
  readonly sees =
    'A client that asks one web server for many different paths, most of which it does not have (vulnerability scanners, word lists).';
  readonly how =
    'Counts, for each client and server, distinct paths asked for, answers, and those that are errors (4xx other than 401, 407 and 429, and 5xx). A crawler meets dead links, but mostly gets pages; a broken program repeats one path.';
  readonly blindTo = 'HTTPS; single exploits (see web-attack); and servers that answer everything with 200.';
  readonly evadedBy = 'Three or four wrong paths a minute (five are told), or as many right ones.';
  readonly techniques = [
    { id: 'T1595.002', name: 'Active Scanning: Vulnerability Scanning' },
    { id: 'T1595.003', name: 'Active Scanning: Wordlist Scanning' },
  ];
  readonly advice = [
    'Look which of the requests were answered with 200: these are what it found.',
    'Block the source unless the test was announced.',
    'Patch what it asked for by name.',
  ];
  readonly noteKinds = [NoteKind.httpRequest, NoteKind.httpResponse];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(2, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number, { webProbing }: HostConfig): void {
    const c = notes.columns;
    const entry = serviceOfNote(this.counts, notes, i);
    if (!entry) return;
    if (c.noteKind[i] === NoteKind.httpRequest) {
      const { data, offsets } = c.noteText;
      this.counts.addDistinct(entry, hashBytes(data, offsets[i]!, offsets[i + 1]!));
    } else {
      entry.now[ANSWERS]!++;
      if (isError(c.noteCode[i]!)) entry.now[ERRORS]!++;
    }
    if (this.counts.total(entry, ERRORS) >= webProbing.errors) this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
    else this.counts.note(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  magnitude(entry: KeyedEntry, { webProbing }: HostConfig): number {
    const errors = this.counts.total(entry, ERRORS);
    if (errors < webProbing.errors || errors < webProbing.errorShare * this.counts.total(entry, ANSWERS)) return 0;
    return Math.min(errors / webProbing.errors, this.counts.distinct(entry) / webProbing.paths);
  }

  argue(entry: KeyedEntry, config: HostConfig): Argument {
    const { errors: least, paths: leastPaths, errorShare } = config.webProbing;
    const errors = this.counts.total(entry, ERRORS);
    const paths = this.counts.distinct(entry);
    const part = errors / Math.max(1, this.counts.total(entry, ANSWERS));
    return {
      entity: `${entry.client} > ${entry.subject}:${entry.port}`,
      severity: severityFor('medium', this.magnitude(entry, config)),
      confidence: 0.85,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [entry.client],
      targets: [entry.subject],
      title: `${entry.client} probes the web server ${entry.subject} for weaknesses`,
      summary: `${entry.client} asked ${formatEndpoint(entry.subject, entry.port)} for ${readable(paths)} different paths within ${KEYED_WINDOW_S} s; ${readable(errors)} answers, ${readable(part * 100)} % of all, were errors.`,
      evidence: [
        { measure: 'answers that are errors', unit: 'response', value: errors, normal: 2, threshold: least },
        { measure: 'different paths asked for', unit: 'path', value: paths, normal: 10, threshold: leastPaths },
        { measure: 'share of errors among the answers', unit: '1', value: part, normal: 0.05, threshold: errorShare },
      ],
      counterfactual: `Fewer than ${least} errors or ${leastPaths} paths in ${KEYED_WINDOW_S} s, or pages for at least ${readable((1 - errorShare) * 100)} % of the requests.`,
      flows: [],
    };
  }
}

/** 401 and 407 ask for a login, 429 for patience: neither says that something is not there. */
function isError(status: number): boolean {
  return status >= 400 && status < 600 && status !== 401 && status !== 407 && status !== 429;
}
