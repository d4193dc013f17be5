import { NoteKind, type NoteTable } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, readable, severityFor } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { pairOfNote } from '../stores/of-note.js';

const REFUSALS = 0;
/** Times the threshold from which they are of high severity: as in attacks that try until one call of hundreds is let through. */
const HIGH_MAGNITUDE = 5;

/** Remote calls that a Windows machine refuses one after the other: somebody tries what it may, or forces its way in. */
export class RpcRefusals implements KeyedDetector<KeyedEntry> {
  readonly name = 'rpc-refusals';
  readonly kind = 'lateral-movement';
  readonly sees =
    'A host to which another refuses remote procedure calls (DCE/RPC) in a row: faults, interfaces that are not given, and calls that end in access denied or a failed logon.';
  readonly how =
    'Counts the refusals that one server gives one client over five minutes, over TCP or in a pipe of SMB. Programs that may not do something are told so once or twice and stop; Zerologon (CVE-2020-1472) takes some 256 refused calls until one gets through, and tools that list accounts, services and shares are refused at machine after machine.';
  readonly blindTo =
    'Calls inside SMB 1 or encrypted SMB 3, other encrypted calls (a fault still shows), and HTTP as carrier of RPC.';
  readonly evadedBy = 'Encrypted calls, or three refusals a minute (four are told).';
  readonly settings = 'lateralMovement';
  readonly techniques = [
    { id: 'T1210', name: 'Exploitation of Remote Services' },
    { id: 'T1087.002', name: 'Account Discovery: Domain Account' },
  ];
  readonly advice = [
    'Look in the security log of the server for the calls and the account that made them (events 4625, 5805 and 4742).',
    'If the server is a domain controller without the update of August 2020, take it for taken over: look at its machine account.',
    'If it is a program of your own, mend its permissions, or add an exception for it.',
  ];
  readonly noteKinds = [NoteKind.rpcRefusal];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(1, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number): void {
    const { timeUs } = notes.columns;
    const entry = pairOfNote(this.counts, notes, i);
    if (!entry) return;
    entry.now[REFUSALS]!++;
    this.counts.touch(entry, timeUs[i]!, timeUs[i]!);
  }

  magnitude(entry: KeyedEntry, { lateralMovement }: HostConfig): number {
    return this.counts.total(entry, REFUSALS) / lateralMovement.refusedCalls;
  }

  argue(entry: KeyedEntry, { lateralMovement }: HostConfig): Argument {
    const { client, subject, port } = entry;
    const refusals = this.counts.total(entry, REFUSALS);
    const least = lateralMovement.refusedCalls;
    return {
      // Not the entity of taking control: which of the two it was would be lost in one incident.
      entity: `${client} > ${subject} refused`,
      severity: severityFor('medium', refusals / least, HIGH_MAGNITUDE),
      confidence: Math.min(0.95, 0.6 + refusals / (20 * least)),
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [client],
      targets: [subject],
      title: `${subject} refuses the remote calls of ${client}`,
      summary: `${subject} refused ${readable(refusals)} remote procedure calls of ${client} (port ${port}) within ${KEYED_WINDOW_S} s.`,
      evidence: [{ measure: 'remote calls refused', unit: 'call', value: refusals, normal: 1, threshold: least }],
      counterfactual: `Fewer than ${least} refused calls in ${KEYED_WINDOW_S} s.`,
      flows: [],
    };
  }
}
