import { formatEndpoint, NoteKind, type NoteTable } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, counted, severityFor } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { serviceOfNote } from '../stores/of-note.js';

const REFUSALS = 0;
const POSTS = 1;
const LET_IN = 2;

/** Paths that logins are posted to; programs renew what they were given below such a path, or keep it alive. */
const LOGIN_PATH =
  /^POST \S*(log-?[io]n|sign-?in|xmlrpc|passw|j_security_check|\/(user-?|user_)?(auth(ent\w{0,9})?|sessions?|account)(\.\w{2,4})?\/?( |$))/i;
/** Refusals before a login that is let in, as NTLM has them (MS-NTHT 3.1.5); Digest and Basic have one. */
const REFUSALS_OF_LOGIN = 2;
const POST = [0x50, 0x4f, 0x53, 0x54, 0x20];

/** Logins tried over and over on a web server: refused requests, or posts to a login path. */
export class HttpGuessing implements KeyedDetector {
  readonly name = 'http-guessing';
  readonly kind = 'password-guessing';
  readonly sees = 'Many refused requests (401, 403) or posts to a login path from one host to one web server.';
  readonly how =
    'Counts, for each client and server, answers with 401 or 403, less the two that may come before each that was let in, as of Negotiate and Digest; and posts to a path that logins go to.';
  readonly evadedBy = 'Two guesses a minute (three are told), a page fetched with each pair of guesses, or TLS.';
  readonly blindTo = 'Anything inside TLS, and guessing slower than the threshold or spread over many sources.';
  readonly settings = 'passwordGuessing';
  readonly techniques = [{ id: 'T1110.001', name: 'Brute Force: Password Guessing' }];
  readonly advice = [
    'Look in the log of the web application for a success after the failures.',
    'Block the source or slow down logins; ask for a second factor.',
  ];
  readonly noteKinds = [NoteKind.httpRequest, NoteKind.httpResponse];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(3, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    const kind = c.noteKind[i]!;
    if (kind === NoteKind.httpResponse) {
      const status = c.noteCode[i]!;
      if (status === 401 || status === 403) this.add(notes, i, REFUSALS);
      else if (status >= 200 && status < 400) this.noteSuccess(notes, i);
    } else if (kind === NoteKind.httpRequest && isLoginPost(notes, i)) this.add(notes, i, POSTS);
  }

  private add(notes: NoteTable, i: number, counter: number): void {
    const c = notes.columns;
    const entry = serviceOfNote(this.counts, notes, i);
    if (!entry) return;
    entry.now[counter]!++;
    this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  private noteSuccess(notes: NoteTable, i: number): void {
    const entry = serviceOfNote(this.counts, notes, i);
    if (!entry) return;
    entry.now[LET_IN]!++;
    this.counts.note(entry, notes.columns.timeUs[i]!, notes.columns.timeUs[i]!);
  }

  /** Refusals that no login that was let in explains. */
  private refusals(entry: KeyedEntry): number {
    return Math.max(0, this.counts.total(entry, REFUSALS) - REFUSALS_OF_LOGIN * this.counts.total(entry, LET_IN));
  }

  private attempts(entry: KeyedEntry): number {
    return Math.max(this.refusals(entry), this.counts.total(entry, POSTS));
  }

  magnitude(entry: KeyedEntry, { passwordGuessing }: HostConfig): number {
    return this.attempts(entry) / passwordGuessing.httpRefusals;
  }

  argue(entry: KeyedEntry, { passwordGuessing }: HostConfig): Argument {
    const least = passwordGuessing.httpRefusals;
    const refusals = this.refusals(entry);
    const posts = this.counts.total(entry, POSTS);
    return {
      entity: `${entry.client} > ${entry.subject}:${entry.port}`,
      severity: severityFor('medium', this.attempts(entry) / least),
      confidence: refusals > 0 && posts > 0 ? 0.9 : 0.7,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [entry.client],
      targets: [entry.subject],
      title: `${entry.client} guesses web passwords on ${entry.subject}`,
      summary: `${entry.client} had ${counted(refusals, 'request')} refused by ${formatEndpoint(entry.subject, entry.port)} and posted ${counted(posts, 'login')} within ${KEYED_WINDOW_S} s.`,
      evidence: [
        { measure: 'requests refused with 401 or 403', unit: 'response', value: refusals, normal: 1, threshold: least },
        { measure: 'logins posted', unit: 'request', value: posts, normal: 1, threshold: least },
      ],
      counterfactual: `Fewer than ${least} of either in ${KEYED_WINDOW_S} s.`,
      flows: [],
    };
  }
}

function isLoginPost(notes: NoteTable, i: number): boolean {
  const { data, offsets } = notes.columns.noteText;
  const start = offsets[i]!;
  for (let k = 0; k < POST.length; k++) if (data[start + k] !== POST[k]) return false;
  return LOGIN_PATH.test(Buffer.from(data.buffer, start, offsets[i + 1]! - start).toString('latin1'));
}
