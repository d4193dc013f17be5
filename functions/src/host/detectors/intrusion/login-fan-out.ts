import { type ActivityTable, FlowEvent, finish, formatAddress, hashAddress, mix, PayloadGuess } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { isOutside } from '../address-scope.js';
import { loginOutcome, REMOTE_LOGINS } from '../credentials/login-size.js';
import { type Argument, readable } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { flowsOf, keepFlow } from '../stores/kept-flows.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';

const SESSIONS = 0;
const SMB_PORT = 445;
/** Stands for all ports on which RPC is served. */
const RPC_PORT = 135;
const SERVICES: ReadonlyMap<number, string> = new Map([...REMOTE_LOGINS, [SMB_PORT, 'SMB'], [RPC_PORT, 'RPC']]);
/** Payload of a session over SMB or RPC, both ways: greeting and login alone have less. */
const LEAST_BYTES = 6_000;
/** From this many times the threshold on it is more than a person does by hand. */
const MEDIUM_MAGNITUDE = 3;

/** A host of the network that enters one machine of it after the other. */
export class LoginFanOut implements KeyedDetector<KeyedEntry> {
  readonly name = 'login-fan-out';
  readonly kind = 'lateral-movement';
  readonly sees =
    'A host of this network that enters many of its machines within minutes, over SSH, RDP, Telnet, VNC, WinRM, SMB or RPC.';
  readonly how =
    'Counts the distinct inside machines with which one inside host had a session larger than a refused login, over one service, in five minutes.';
  readonly blindTo =
    'Movement over other protocols, from outside, or to one machine at a time. Tools that manage machines (Ansible, software distribution) look the same: that is why it is low, up to three times the threshold. Add an exception for the host they run on.';
  readonly evadedBy = 'Four machines within five minutes (six are told).';
  readonly settings = 'lateralMovement';
  readonly techniques = [
    { id: 'T1021.004', name: 'Remote Services: SSH' },
    { id: 'T1021.001', name: 'Remote Services: Remote Desktop Protocol' },
    { id: 'T1021.002', name: 'Remote Services: SMB/Windows Admin Shares' },
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
    const port = enteredService(activity, i);
    if (port === undefined) return;
    const c = activity.columns;
    if (isOutside(c.originatorAddress.bytes, i * 16) || isOutside(c.responderAddress.bytes, i * 16)) return;
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
    const service = SERVICES.get(entry.port)!;
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

/** Port of the service, by SERVICES, in which a session that has ended was more than a refused login; undefined for others. */
function enteredService(activity: ActivityTable, i: number): number | undefined {
  const c = activity.columns;
  if (!(c.events[i]! & FlowEvent.ended)) return undefined;
  const guess = c.payloadGuess[i]!;
  if (guess === PayloadGuess.smb || guess === PayloadGuess.dceRpc) {
    const isLong = c.totalOriginatorBytes[i]! + c.totalResponderBytes[i]! >= LEAST_BYTES;
    return isLong ? (guess === PayloadGuess.smb ? SMB_PORT : RPC_PORT) : undefined;
  }
  return loginOutcome(activity, i) === 'let-in' ? c.responderPort[i]! : undefined;
}
