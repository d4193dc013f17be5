import { type ActivityTable, finish, formatAddress, hashAddress, mix } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, readable, severityFor } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { flowsOf, keepFlow } from '../stores/kept-flows.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { loginOutcome, REMOTE_LOGINS } from './login-size.js';

const REFUSED = 0;
/** Logins of the same client that were let in. */
const LET_IN = 1;
/** Least refused logins on each server, on average: who looks whether a service lives comes once. */
const LEAST_PER_SERVER = 2;

/** A few passwords on each of many servers: too few on each to be noticed there. */
export class LoginSpraying implements KeyedDetector<KeyedEntry> {
  readonly name = 'login-spraying';
  readonly kind = 'password-guessing';
  readonly sees =
    'A host that tries to log in to many servers over SSH, RDP, Telnet, VNC or WinRM, a few times on each.';
  readonly how =
    'Counts ended sessions with the size of a login that was refused, of one client on one port, and the servers they went to. A look at the greeting is smaller, work is larger.';
  readonly blindTo = 'One try on each server; servers that greet with more than 6 kB; and what is spread over hours.';
  readonly evadedBy = 'Two sessions a minute over six servers (three are told), or one try on each.';
  readonly settings = 'passwordGuessing';
  readonly techniques = [{ id: 'T1110.003', name: 'Brute Force: Password Spraying' }];
  readonly advice = [
    'Look in the login logs of the servers for the account that was tried, and for a success.',
    'Block the source; if it is a machine of your own, find out who works there.',
    'Turn off password logins where keys or a second factor can take their place.',
  ];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(2, config.maxKeys, sets);
  }

  observeActivity(activity: ActivityTable, i: number): void {
    const outcome = loginOutcome(activity, i);
    if (outcome === undefined) return;
    const c = activity.columns;
    const port = c.responderPort[i]!;
    const key = finish(mix(hashAddress(c.originatorAddress.words, i * 4), port));
    const client = () => formatAddress(c.originatorAddress.bytes, i * 16);
    const entry =
      this.counts.get(key) ??
      (outcome === 'refused' ? this.counts.create(key, { client: client(), subject: '', port }) : undefined);
    if (!entry) return;
    entry.now[outcome === 'refused' ? REFUSED : LET_IN]!++;
    if (outcome === 'let-in') return;
    this.counts.addDistinct(entry, hashAddress(c.responderAddress.words, i * 4));
    this.counts.touch(entry, c.lastTimeUs[i]! - c.totalDurationMs[i]! * 1000, c.lastTimeUs[i]!);
    keepFlow(entry.flows, activity, i);
  }

  magnitude(entry: KeyedEntry, { passwordGuessing }: HostConfig): number {
    const refused = this.counts.total(entry, REFUSED);
    const servers = this.counts.distinct(entry);
    // Who gets in at most places works there.
    if (refused < LEAST_PER_SERVER * servers || this.counts.total(entry, LET_IN) > refused / 2) return 0;
    return Math.min(servers / passwordGuessing.sprayedHosts, refused / (2 * passwordGuessing.attempts));
  }

  argue(entry: KeyedEntry, config: HostConfig): Argument {
    const { sprayedHosts, attempts } = config.passwordGuessing;
    const refused = this.counts.total(entry, REFUSED);
    const servers = this.counts.distinct(entry);
    const service = REMOTE_LOGINS.get(entry.port)!;
    return {
      entity: `${entry.client} > *:${entry.port}`,
      severity: severityFor('medium', this.magnitude(entry, config)),
      confidence: 0.75,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [entry.client],
      targets: [],
      title: `${entry.client} tries ${service} logins on ${readable(servers)} servers`,
      summary: `${entry.client} had ${readable(refused)} ${service} sessions of the size of a refused login with ${readable(servers)} servers within ${KEYED_WINDOW_S} s.`,
      evidence: [
        { measure: 'servers', unit: 'host', value: servers, normal: 1, threshold: sprayedHosts },
        { measure: 'sessions refused', unit: 'connection', value: refused, normal: 1, threshold: 2 * attempts },
        { measure: 'sessions let in', unit: 'connection', value: this.counts.total(entry, LET_IN) },
      ],
      counterfactual: `Fewer than ${sprayedHosts} servers, fewer than two tries on each, or sessions in which work is done.`,
      flows: flowsOf(entry),
    };
  }
}
