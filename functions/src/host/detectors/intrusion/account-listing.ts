import { finish, formatAddress, hashAddress, mix, NoteKind, type NoteTable, RpcInterface } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, readable } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';

const CALLS = 0;
/** Tells these keys from those of other things about a host. */
const KEY_SALT = 0x1157;

/**
 * Calls that list, by interface: groups, users and aliases of a domain, members, what is known of each user (MS-SAMR); open files,
 * sessions and shares (MS-SRVS); who is logged in (MS-WKST).
 */
const LISTING_CALLS: Readonly<Record<number, readonly number[]>> = {
  [RpcInterface.accounts]: [11, 13, 15, 25, 33, 36, 40, 47, 48, 51],
  [RpcInterface.server]: [9, 12, 15],
  [RpcInterface.workstation]: [2],
};

/** Somebody makes a list of accounts, sessions and shares, as tools do that look for a way to the administrators. */
export class AccountListing implements KeyedDetector<KeyedEntry> {
  readonly name = 'account-listing';
  readonly kind = 'lateral-movement';
  readonly sees =
    'A host that lists users, groups, sessions or shares by remote calls: call after call at one machine, or at one machine after the other.';
  readonly how =
    'Counts calls of samr, srvsvc and wkssvc that list something, in a pipe of SMB 2 and 3 or over TCP, and the distinct machines that are asked, in five minutes. A program that looks up one account or its own shares makes a few.';
  readonly blindTo = 'SMB 3 with encryption, calls inside SMB 1, and the same lists from LDAP.';
  readonly evadedBy = 'LDAP, encrypted SMB 3, or five machines within five minutes (six are told).';
  readonly settings = 'lateralMovement';
  readonly techniques = [
    { id: 'T1087.002', name: 'Account Discovery: Domain Account' },
    { id: 'T1135', name: 'Network Share Discovery' },
    { id: 'T1033', name: 'System Owner/User Discovery' },
  ];
  readonly advice = [
    'Ask whether an inventory or an administrator does this from that host; add an exception for it.',
    'Otherwise look which program does it and under which account, and what that account logs in to next.',
  ];
  readonly noteKinds = [NoteKind.rpcCall];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(1, config.maxKeys, sets);
  }

  observeNote({ columns: c }: NoteTable, i: number): void {
    if (!LISTING_CALLS[c.noteCode[i]!]?.includes(c.noteValue[i]!)) return;
    const key = finish(mix(hashAddress(c.clientAddress.words, i * 4), KEY_SALT));
    const entry =
      this.counts.get(key) ??
      this.counts.create(key, { client: formatAddress(c.clientAddress.bytes, i * 16), subject: '', port: 0 });
    if (!entry) return;
    entry.now[CALLS]!++;
    this.counts.addDistinct(entry, hashAddress(c.serverAddress.words, i * 4));
    this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  magnitude(entry: KeyedEntry, { lateralMovement }: HostConfig): number {
    const byMachines = this.counts.distinct(entry) / lateralMovement.machines;
    return Math.max(byMachines, this.counts.total(entry, CALLS) / lateralMovement.listingCalls);
  }

  argue(entry: KeyedEntry, { lateralMovement }: HostConfig): Argument {
    const { client } = entry;
    const machines = this.counts.distinct(entry);
    const calls = this.counts.total(entry, CALLS);
    return {
      entity: `${client} lists`,
      severity: machines >= lateralMovement.machines ? 'medium' : 'low',
      confidence: machines >= lateralMovement.machines ? 0.7 : 0.5,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [client],
      targets: [],
      title: `${client} lists accounts and sessions of ${readable(machines)} machines`,
      summary: `${client} made ${readable(calls)} remote calls that list users, groups, sessions or shares, to ${readable(machines)} machines, within ${KEYED_WINDOW_S} s.`,
      evidence: [
        { measure: 'listing calls', unit: 'call', value: calls, normal: 3, threshold: lateralMovement.listingCalls },
        { measure: 'machines asked', unit: 'host', value: machines, normal: 1, threshold: lateralMovement.machines },
      ],
      counterfactual: `Fewer than ${lateralMovement.listingCalls} such calls, to fewer than ${lateralMovement.machines} machines, in ${KEYED_WINDOW_S} s.`,
      flows: [],
    };
  }
}
