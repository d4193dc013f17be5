import {
  finish,
  formatAddress,
  formatEndpoint,
  hashAddress,
  mix,
  NOTE_CODE_RESPONSE,
  NoteKind,
  type NoteTable,
} from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, readable, severityFor } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';

const FAILURES = 0;
/** Time of the latest login that was let in, µs. */
const LATEST_SUCCESS_US = 1;

/** Session setup of SMB 2, and of SMB 1 (MS-SMB2 2.2.5, MS-CIFS 2.2.4.53). */
const SMB_SESSION_SETUP = 0x01;
const SMB1_SESSION_SETUP = 0x73;
const SMB1 = 0x100;
/** NT status: wrong password, no such user, locked out, and the like (MS-ERREF 2.3.1). */
const LOGIN_FAILED: ReadonlySet<number> = new Set([0xc000_006d, 0xc000_006a, 0xc000_0064, 0xc000_0234, 0xc000_006e]);

/** RFC 959: not logged in, logged in. RFC 4954: wrong credentials, accepted. */
const FTP_FAILED = 530;
const FTP_LET_IN = 230;
const SMTP_FAILED = 535;
const SMTP_LET_IN = 235;
/** POP3 and IMAP say no to many things; what is meant stands behind. */
const SAID_NO = 2;
const ABOUT_LOGIN = /auth|log-?in|passw|credential|denied/i;
const LONGEST_REPLY_BYTES = 64;

/** Salts of keys: one server, or all that a client tries. */
const ONE_SERVER = 1;
const ALL_SERVERS = 2;

/** Logins that a server says no to. */
export class LoginFailures implements KeyedDetector<KeyedEntry> {
  readonly name = 'login-failures';
  readonly kind = 'password-guessing';
  readonly sees =
    'Many logins of one host that FTP, mail or SMB servers refuse in so many words: on one server, or a few on each of many (spraying); and whether one was let in after that.';
  readonly how =
    "Counts the servers' own words: 530 of FTP, 535 of SMTP, failed logins of POP3 and IMAP, and the NT status of SMB session setups. It does not matter how many tries a connection holds.";
  readonly blindTo =
    'Services that encrypt before the login, fewer failures than the threshold, and guessing from many sources.';
  readonly evadedBy = 'STARTTLS or SMB 3 encryption; then password-guessing counts sessions alone.';
  readonly settings = 'passwordGuessing';
  readonly techniques = [
    { id: 'T1110.001', name: 'Brute Force: Password Guessing' },
    { id: 'T1110.003', name: 'Brute Force: Password Spraying' },
  ];
  readonly advice = [
    'Where a login was let in after the failures: lock that account, and look at what it did.',
    'Block the source, or allow the service from known addresses only.',
    'Turn on lock-out or delays after failed logins.',
  ];
  readonly noteKinds = [NoteKind.serverReply, NoteKind.smb];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(2, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number): void {
    const kind = notes.columns.noteKind[i]!;
    const outcome = kind === NoteKind.smb ? smbOutcome(notes, i) : replyOutcome(notes, i);
    if (outcome === 'other') return;
    const server = hashAddress(notes.columns.serverAddress.words, i * 4);
    const one = this.entryOf(notes, i, mix(server, ONE_SERVER), outcome === 'failed');
    const all = this.entryOf(notes, i, ALL_SERVERS, outcome === 'failed');
    if (one) this.note(one, notes, i, outcome);
    if (all) this.note(all, notes, i, outcome);
    if (all && outcome === 'failed') this.counts.addDistinct(all, server);
  }

  /** The entry of the client and service under a salt; made anew only for a failure. */
  private entryOf({ columns: c }: NoteTable, i: number, salt: number, isFailure: boolean): KeyedEntry | undefined {
    const port = c.serverPort[i]!;
    const key = finish(mix(mix(hashAddress(c.clientAddress.words, i * 4), salt), port));
    const known = this.counts.get(key);
    if (known || !isFailure) return known;
    const client = formatAddress(c.clientAddress.bytes, i * 16);
    const subject = salt === ALL_SERVERS ? '' : formatAddress(c.serverAddress.bytes, i * 16);
    return this.counts.create(key, { client, subject, port });
  }

  private note(entry: KeyedEntry, { columns: c }: NoteTable, i: number, outcome: 'failed' | 'let-in'): void {
    const timeUs = c.timeUs[i]!;
    if (outcome === 'failed') {
      entry.now[FAILURES]!++;
      this.counts.touch(entry, timeUs, timeUs);
      return;
    }
    entry.now[LATEST_SUCCESS_US] = Math.max(entry.now[LATEST_SUCCESS_US]!, timeUs);
    this.counts.touch(entry, entry.firstUs || timeUs, timeUs);
  }

  magnitude(entry: KeyedEntry, { passwordGuessing }: HostConfig): number {
    const failures = this.counts.total(entry, FAILURES) / passwordGuessing.failures;
    // What one server alone shows is told of that server.
    if (entry.subject === '' && this.counts.distinct(entry) < passwordGuessing.sprayedHosts) return 0;
    return failures >= 1 && this.wasLetIn(entry) ? 2 * failures : failures;
  }

  /** Whether a login was accepted after the first that failed. */
  private wasLetIn(entry: KeyedEntry): boolean {
    const latest = Math.max(entry.now[LATEST_SUCCESS_US]!, entry.before[LATEST_SUCCESS_US]!);
    return latest > this.counts.firstUs(entry);
  }

  argue(entry: KeyedEntry, config: HostConfig): Argument {
    const { failures: least } = config.passwordGuessing;
    const failures = this.counts.total(entry, FAILURES);
    const isSpray = entry.subject === '';
    const letIn = this.wasLetIn(entry);
    const hosts = isSpray ? this.counts.distinct(entry) : 1;
    const where = isSpray
      ? `port ${entry.port} of ${readable(hosts)} hosts`
      : formatEndpoint(entry.subject, entry.port);
    return {
      entity: isSpray ? `${entry.client} > *:${entry.port}` : `${entry.client} > ${entry.subject}:${entry.port}`,
      severity: letIn ? 'high' : severityFor('medium', failures / least),
      confidence: 0.9,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [entry.client],
      targets: isSpray ? [] : [entry.subject],
      title: `${entry.client} guesses passwords on ${where}${letIn ? ' and was let in' : ''}`,
      summary: `${where} refused ${readable(failures)} logins of ${entry.client} within ${KEYED_WINDOW_S} s${letIn ? ', and then let one in' : ''}.`,
      evidence: [
        { measure: 'logins refused', unit: 'login', value: failures, normal: 1, threshold: least },
        { measure: 'hosts that refused them', unit: 'host', value: hosts },
        { measure: 'a login was accepted after the first failure (1: yes)', unit: '1', value: letIn ? 1 : 0 },
      ],
      counterfactual: `Fewer than ${least} refused logins in ${KEYED_WINDOW_S} s.`,
      flows: [],
    };
  }
}

type Outcome = 'failed' | 'let-in' | 'other';

function smbOutcome({ columns: c }: NoteTable, i: number): Outcome {
  const code = c.noteCode[i]!;
  const setup = code & SMB1 ? SMB1_SESSION_SETUP : SMB_SESSION_SETUP;
  if (!(code & NOTE_CODE_RESPONSE) || (code & 0xff) !== setup) return 'other';
  const status = c.noteValue[i]!;
  if (status === 0) return 'let-in';
  return LOGIN_FAILED.has(status) ? 'failed' : 'other';
}

function replyOutcome({ columns: c }: NoteTable, i: number): Outcome {
  const code = c.noteCode[i]!;
  if (code === FTP_FAILED || code === SMTP_FAILED) return 'failed';
  if (code === FTP_LET_IN || code === SMTP_LET_IN) return 'let-in';
  if (code !== SAID_NO) return 'other';
  const { data, offsets } = c.noteText;
  const start = offsets[i]!;
  const length = Math.min(LONGEST_REPLY_BYTES, offsets[i + 1]! - start);
  return ABOUT_LOGIN.test(Buffer.from(data.buffer, data.byteOffset + start, length).toString('latin1'))
    ? 'failed'
    : 'other';
}
