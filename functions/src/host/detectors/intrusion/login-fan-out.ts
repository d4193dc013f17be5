import { type ActivityTable, finish, formatAddress, hashAddress, mix } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { isOutside } from '../address-scope.js';
import { loginOutcome, REMOTE_LOGINS } from '../credentials/login-size.js';
import { type Argument, readable } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { flowsOf, keepFlow } from '../stores/kept-flows.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';

const SESSIONS = 0;
/** From this many times the threshold on it is more than a person does by hand. */
const MEDIUM_MAGNITUDE = 3;

/** A host of the network that enters one machine of it after the other. */
export class LoginFanOut implements KeyedDetector<KeyedEntry> {
  readonly name = 'login-fan-out';
  readonly kind = 'lateral-movement';
  readonly sees =
    'A host of this network that logs in to many of its machines within minutes, over SSH, RDP, Telnet, VNC or WinRM.';
  readonly how =
    'Counts the distinct inside machines with which one inside host had a session larger than a refused login, on one port, in five minutes.';
  readonly blindTo =
    'Movement over other protocols, from outside, or to one machine at a time. Tools that manage machines (Ansible) look the same: that is why it is low, up to three times the threshold. Add an exception for the host they run on.';
  readonly evadedBy = 'Four machines within five minutes (six are told).';
  readonly settings = 'lateralMovement';
  readonly techniques = [
    { id: 'T1021.004', name: 'Remote Services: SSH' },
    { id: 'T1021.001', name: 'Remote Services: Remote Desktop Protocol' },
  ];
  readonly advice = [
    'Ask whether somebody manages machines from this host.',
    'If not, look which account and key was used, and what was done on each machine: assume that they are taken.',
    'Isolate the host and withdraw the key.',
  ];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(1, config.maxKeys, sets);
  }

  observeActivity(activity: ActivityTable, i: number): void {
    if (loginOutcome(activity, i) !== 'let-in') return;
    const c = activity.columns;
    if (isOutside(c.originatorAddress.bytes, i * 16) || isOutside(c.responderAddress.bytes, i * 16)) return;
    const port = c.responderPort[i]!;
    const key = finish(mix(hashAddress(c.originatorAddress.words, i * 4), port));
    const entry =
      this.counts.get(key) ??
      this.counts.create(key, { client: formatAddress(c.originatorAddress.bytes, i * 16), subject: '', port });
    if (!entry) return;
    entry.now[SESSIONS]!++;
    this.counts.addDistinct(entry, hashAddress(c.responderAddress.words, i * 4));
    this.counts.touch(entry, c.lastTimeUs[i]! - c.totalDurationMs[i]! * 1000, c.lastTimeUs[i]!);
    keepFlow(entry.flows, activity, i);
  }

  magnitude(entry: KeyedEntry, { lateralMovement }: HostConfig): number {
    return this.counts.distinct(entry) / lateralMovement.machines;
  }

  argue(entry: KeyedEntry, config: HostConfig): Argument {
    const { machines: least } = config.lateralMovement;
    const machines = this.counts.distinct(entry);
    const service = REMOTE_LOGINS.get(entry.port)!;
    return {
      entity: `${entry.client} > *:${entry.port}`,
      severity: this.magnitude(entry, config) >= MEDIUM_MAGNITUDE ? 'medium' : 'low',
      confidence: 0.4,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [entry.client],
      targets: [],
      title: `${entry.client} enters ${readable(machines)} machines over ${service}`,
      summary: `${entry.client} had ${service} sessions with ${readable(machines)} machines of this network within ${KEYED_WINDOW_S} s, in which more was said than a refused login.`,
      evidence: [
        { measure: 'machines entered', unit: 'host', value: machines, normal: 1, threshold: least },
        { measure: 'sessions', unit: 'connection', value: this.counts.total(entry, SESSIONS) },
      ],
      counterfactual: `Fewer than ${least} machines in ${KEYED_WINDOW_S} s.`,
      flows: flowsOf(entry),
    };
  }
}
