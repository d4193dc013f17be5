import {
  type ActivityTable,
  type AddressColumn,
  FlowEvent,
  finish,
  formatAddress,
  hashAddress,
  mix,
  NoteKind,
  type NoteTable,
  PayloadGuess,
  Protocol,
  type Severity,
} from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { isOutside } from '../address-scope.js';
import { type Argument, readable, severityFor } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { flowsOf, keepFlow } from '../stores/kept-flows.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';

interface LoginService {
  readonly name: string;
  /** Clients come back to it again and again, so it needs more. */
  readonly isMail: boolean;
  /** Programs work with it in sessions as short as a failed login, so that those within a network say little. */
  readonly isProgrammed?: boolean;
}

/** Login services by port. */
const SERVICES: ReadonlyMap<number, LoginService> = new Map<number, LoginService>([
  [21, { name: 'FTP', isMail: false }],
  [22, { name: 'SSH', isMail: false }],
  [23, { name: 'Telnet', isMail: false }],
  [110, { name: 'POP3', isMail: true }],
  [143, { name: 'IMAP', isMail: true }],
  [465, { name: 'mail submission', isMail: true }],
  [587, { name: 'mail submission', isMail: true }],
  [993, { name: 'IMAP', isMail: true }],
  [995, { name: 'POP3', isMail: true }],
  [1433, { name: 'SQL Server', isMail: false, isProgrammed: true }],
  [1521, { name: 'Oracle', isMail: false, isProgrammed: true }],
  [2222, { name: 'SSH', isMail: false }],
  [2323, { name: 'Telnet', isMail: false }],
  [3306, { name: 'MySQL', isMail: false, isProgrammed: true }],
  [3389, { name: 'RDP', isMail: false }],
  [5432, { name: 'PostgreSQL', isMail: false, isProgrammed: true }],
  [5900, { name: 'VNC', isMail: false }],
  [5901, { name: 'VNC', isMail: false }],
  [5902, { name: 'VNC', isMail: false }],
  [5903, { name: 'VNC', isMail: false }],
  // Programs open these anew for each piece of work, as mail clients do.
  [5985, { name: 'WinRM', isMail: true, isProgrammed: true }],
  [6379, { name: 'Redis', isMail: true, isProgrammed: true }],
  [27_017, { name: 'MongoDB', isMail: true, isProgrammed: true }],
]);

/** What speaks SSH on a port of its own choice. */
const SSH_ELSEWHERE: LoginService = { name: 'SSH', isMail: false };

/**
 * Payload of an SSH session, both ways, in which work was done: one that is let in and does anything has 8 kB and more
 * (measured with OpenSSH 9); the longest exchange of keys has 5.5 kB, and each refused password 0.2 kB. Unit: byte.
 */
const SSH_WORK_BYTES = 8_000;

const FTP_PORT = 21;
/** Reply of FTP to a login that it lets in (RFC 959). */
const FTP_LET_IN = 230;

const ATTEMPTS = 0;
const BYTES = 1;
/** Of the sessions, those of clients outside, and logins that the server has let in so many words. */
const FROM_OUTSIDE = 2;
const LET_IN = 3;
const COUNTERS = 4;

/** Login after login between one pair of hosts: established, short, little said. */
export class PasswordGuessing implements KeyedDetector {
  readonly name = 'password-guessing';
  readonly kind = 'password-guessing';
  readonly sees =
    'Many short sessions, each the size of a failed login, from one host to one login service (SSH, FTP, Telnet, RDP, databases, mail).';
  readonly how =
    'Counts ended sessions of each pair of hosts at a login port, or of SSH at any, over which both sides said something, but little, and which were soon over. FTP logins that were let in are taken off. Programs work with databases in sessions of that size, so what two hosts of this network have is told as of low severity.';
  readonly evadedBy = 'A guess a minute (two are told), or many sources with five each.';
  readonly blindTo =
    'Guessing inside one long session, slower than the threshold, or spread over many sources; and it cannot tell failed logins from very short successful ones, but for FTP.';
  readonly techniques = [{ id: 'T1110.001', name: 'Brute Force: Password Guessing' }];
  readonly advice = [
    'Look in the login log of the target for a success after the failures.',
    'Block the source, or allow the service from known addresses only.',
    'Turn off password logins where keys or a second factor can take their place.',
  ];
  readonly noteKinds = [NoteKind.serverReply];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(COUNTERS, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    if (c.noteCode[i] !== FTP_LET_IN || c.serverPort[i] !== FTP_PORT) return;
    const entry = this.entryOf(c.clientAddress, c.serverAddress, i, FTP_PORT);
    if (!entry) return;
    entry.now[LET_IN]!++;
    this.counts.note(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  observeActivity(activity: ActivityTable, i: number, config: HostConfig): void {
    const c = activity.columns;
    if (!(c.events[i]! & FlowEvent.ended) || c.protocol[i] !== Protocol.tcp) return;
    const port = c.responderPort[i]!;
    if (!(SERVICES.has(port) || c.payloadGuess[i] === PayloadGuess.ssh) || !isAttempt(activity, i, config)) return;
    const entry = this.entryOf(c.originatorAddress, c.responderAddress, i, port);
    if (!entry) return;
    entry.now[ATTEMPTS]!++;
    if (isOutside(c.originatorAddress.bytes, i * 16)) entry.now[FROM_OUTSIDE]!++;
    entry.now[BYTES]! += c.totalOriginatorBytes[i]! + c.totalResponderBytes[i]!;
    this.counts.touch(entry, c.lastTimeUs[i]! - c.totalDurationMs[i]! * 1000, c.lastTimeUs[i]!);
    keepFlow(entry.flows, activity, i);
  }

  private entryOf(client: AddressColumn, server: AddressColumn, i: number, port: number): KeyedEntry | undefined {
    const key = finish(mix(mix(hashAddress(client.words, i * 4), hashAddress(server.words, i * 4)), port));
    return (
      this.counts.get(key) ??
      this.counts.create(key, {
        client: formatAddress(client.bytes, i * 16),
        subject: formatAddress(server.bytes, i * 16),
        port,
      })
    );
  }

  /** Sessions that may be failed logins. */
  private attempts(entry: KeyedEntry): number {
    return Math.max(0, this.counts.total(entry, ATTEMPTS) - this.counts.total(entry, LET_IN));
  }

  magnitude(entry: KeyedEntry, config: HostConfig): number {
    return this.attempts(entry) / attemptsAllowed(entry.port, config);
  }

  private severity(entry: KeyedEntry, config: HostConfig): Severity {
    if (serviceOf(entry.port).isProgrammed && this.counts.total(entry, FROM_OUTSIDE) === 0) return 'low';
    return severityFor('medium', this.magnitude(entry, config));
  }

  argue(entry: KeyedEntry, config: HostConfig): Argument {
    const attempts = this.attempts(entry);
    const least = attemptsAllowed(entry.port, config);
    const service = serviceOf(entry.port).name;
    const meanBytes = this.counts.total(entry, BYTES) / this.counts.total(entry, ATTEMPTS);
    return {
      entity: `${entry.client} > ${entry.subject}:${entry.port}`,
      severity: this.severity(entry, config),
      confidence: Math.min(0.95, 0.6 + attempts / least / 20),
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [entry.client],
      targets: [entry.subject],
      title: `${entry.client} guesses ${service} passwords on ${entry.subject}`,
      summary: `${entry.client} opened ${readable(attempts)} short ${service} sessions with ${entry.subject} within ${KEYED_WINDOW_S} s, with ${readable(meanBytes)} bytes of payload each on average: the size of a failed login.`,
      evidence: [
        { measure: `short ${service} sessions`, unit: 'connection', value: attempts, normal: 1, threshold: least },
        {
          measure: 'payload in each, on average',
          unit: 'byte',
          value: Math.round(meanBytes),
          threshold: 2 * config.passwordGuessing.sessionBytes,
        },
      ],
      counterfactual: `Fewer than ${least} such sessions in ${KEYED_WINDOW_S} s.`,
      flows: flowsOf(entry),
    };
  }
}

function attemptsAllowed(port: number, { passwordGuessing }: HostConfig): number {
  return serviceOf(port).isMail ? passwordGuessing.mailAttempts : passwordGuessing.attempts;
}

function serviceOf(port: number): LoginService {
  return SERVICES.get(port) ?? SSH_ELSEWHERE;
}

/** Whether an ended flow looks like a login that failed: payload both ways, but little of it, and soon over. */
function isAttempt(activity: ActivityTable, i: number, { passwordGuessing }: HostConfig): boolean {
  const c = activity.columns;
  const sent = c.totalOriginatorBytes[i]!;
  const received = c.totalResponderBytes[i]!;
  if (c.payloadGuess[i] === PayloadGuess.ssh && sent + received >= SSH_WORK_BYTES) return false;
  return (
    sent > 0 &&
    received > 0 &&
    sent <= passwordGuessing.sessionBytes &&
    received <= passwordGuessing.sessionBytes &&
    c.totalDurationMs[i]! <= passwordGuessing.sessionS * 1000
  );
}
