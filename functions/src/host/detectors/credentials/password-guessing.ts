import { type ActivityTable, FlowEvent, finish, formatAddress, hashAddress, mix, Protocol } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, readable, severityFor } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { flowsOf, keepFlow } from '../stores/kept-flows.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';

/** Login services by port. Mail clients and programs come back to theirs again and again, so these need more. */
const SERVICES: ReadonlyMap<number, { name: string; isMail: boolean }> = new Map([
  [21, { name: 'FTP', isMail: false }],
  [22, { name: 'SSH', isMail: false }],
  [23, { name: 'Telnet', isMail: false }],
  [110, { name: 'POP3', isMail: true }],
  [143, { name: 'IMAP', isMail: true }],
  [465, { name: 'mail submission', isMail: true }],
  [587, { name: 'mail submission', isMail: true }],
  [993, { name: 'IMAP', isMail: true }],
  [995, { name: 'POP3', isMail: true }],
  [1433, { name: 'SQL Server', isMail: false }],
  [1521, { name: 'Oracle', isMail: false }],
  [2222, { name: 'SSH', isMail: false }],
  [2323, { name: 'Telnet', isMail: false }],
  [3306, { name: 'MySQL', isMail: false }],
  [3389, { name: 'RDP', isMail: false }],
  [5432, { name: 'PostgreSQL', isMail: false }],
  [5900, { name: 'VNC', isMail: false }],
  // Programs open these anew for each piece of work, as mail clients do.
  [5985, { name: 'WinRM', isMail: true }],
  [6379, { name: 'Redis', isMail: true }],
  [27_017, { name: 'MongoDB', isMail: true }],
]);

const ATTEMPTS = 0;
const BYTES = 1;

/** Login after login between one pair of hosts: established, short, little said. */
export class PasswordGuessing implements KeyedDetector {
  readonly name = 'password-guessing';
  readonly kind = 'password-guessing';
  readonly sees =
    'Many short sessions, each the size of a failed login, from one host to one login service (SSH, FTP, Telnet, RDP, databases, mail).';
  readonly how =
    'Counts ended sessions of each pair of hosts at a login port, over which both sides said something, but little, and which were soon over.';
  readonly evadedBy = 'A guess a minute (two are told), or many sources with five each.';
  readonly blindTo =
    'Guessing inside one long session, slower than the threshold, or spread over many sources; and it cannot tell failed logins from very short successful ones.';
  readonly techniques = [{ id: 'T1110.001', name: 'Brute Force: Password Guessing' }];
  readonly advice = [
    'Look in the login log of the target for a success after the failures.',
    'Block the source, or allow the service from known addresses only.',
    'Turn off password logins where keys or a second factor can take their place.',
  ];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(2, config.maxKeys, sets);
  }

  observeActivity(activity: ActivityTable, i: number, config: HostConfig): void {
    const c = activity.columns;
    if (!(c.events[i]! & FlowEvent.ended) || c.protocol[i] !== Protocol.tcp) return;
    const port = c.responderPort[i]!;
    if (!SERVICES.has(port) || !isAttempt(activity, i, config)) return;
    const originator = hashAddress(c.originatorAddress.words, i * 4);
    const responder = hashAddress(c.responderAddress.words, i * 4);
    const key = finish(mix(mix(originator, responder), port));
    const entry =
      this.counts.get(key) ??
      this.counts.create(key, {
        client: formatAddress(c.originatorAddress.bytes, i * 16),
        subject: formatAddress(c.responderAddress.bytes, i * 16),
        port,
      });
    if (!entry) return;
    entry.now[ATTEMPTS]!++;
    entry.now[BYTES]! += c.totalOriginatorBytes[i]! + c.totalResponderBytes[i]!;
    this.counts.touch(entry, c.lastTimeUs[i]! - c.totalDurationMs[i]! * 1000, c.lastTimeUs[i]!);
    keepFlow(entry.flows, activity, i);
  }

  magnitude(entry: KeyedEntry, config: HostConfig): number {
    return this.counts.total(entry, ATTEMPTS) / attemptsAllowed(entry.port, config);
  }

  argue(entry: KeyedEntry, config: HostConfig): Argument {
    const attempts = this.counts.total(entry, ATTEMPTS);
    const least = attemptsAllowed(entry.port, config);
    const service = SERVICES.get(entry.port)!.name;
    const meanBytes = this.counts.total(entry, BYTES) / attempts;
    return {
      entity: `${entry.client} > ${entry.subject}:${entry.port}`,
      severity: severityFor('medium', attempts / least),
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
  return SERVICES.get(port)?.isMail ? passwordGuessing.mailAttempts : passwordGuessing.attempts;
}

/** Whether an ended flow looks like a login that failed: payload both ways, but little of it, and soon over. */
function isAttempt(activity: ActivityTable, i: number, { passwordGuessing }: HostConfig): boolean {
  const c = activity.columns;
  const sent = c.totalOriginatorBytes[i]!;
  const received = c.totalResponderBytes[i]!;
  return (
    sent > 0 &&
    received > 0 &&
    sent <= passwordGuessing.sessionBytes &&
    received <= passwordGuessing.sessionBytes &&
    c.totalDurationMs[i]! <= passwordGuessing.sessionS * 1000
  );
}
