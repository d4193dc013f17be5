import { NOTE_CODE_RESPONSE, NoteKind, type NoteTable, RpcInterface } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, counted } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { pairOfNote } from '../stores/of-note.js';

const SHARES = 0;
const PIPES = 1;
const CALLS = 2;

/** A drive or the system folder, shared with administrators (MS-SRVS 1.3). IPC$ and print$ are everybody's. */
const ADMIN_SHARE = /\\(admin|[a-z])\$$/i;
/** Pipes by which services are made (MS-SCMR), tasks set (MS-TSCH), and the registry changed (MS-RRP). */
const CONTROL_PIPE = /^\\?(svcctl|atsvc|winreg)$/i;
const LONGEST_NAME_BYTES = 256;
/** Calls that change what a machine runs or keeps, by interface: a service made, changed or started; a task or job set; a key written or saved. */
const CONTROL_CALLS: Readonly<Record<number, readonly number[]>> = {
  [RpcInterface.services]: [11, 12, 19, 23, 24, 31, 44, 45, 60],
  [RpcInterface.tasks]: [1, 12],
  [RpcInterface.jobs]: [0],
  [RpcInterface.registry]: [6, 20, 22, 31],
};

/** One host takes control of another through SMB and remote calls, as PsExec, Impacket and worms do. */
export class SmbControl implements KeyedDetector<KeyedEntry> {
  readonly name = 'smb-control';
  readonly kind = 'lateral-movement';
  readonly sees =
    'A host that opens administrative shares of another (ADMIN$, C$), or that makes services, tasks and registry keys there by remote calls.';
  readonly how =
    'Counts tree connects to shares of drives and of the system folder, openings of the pipes svcctl, atsvc and winreg, and calls that make, change or start a service, set a task or job, or write or save a registry key, in a pipe of SMB 2 and 3 or over TCP. Ordinary users of a file server do none of it.';
  readonly blindTo =
    'SMB 3 with encryption, calls inside SMB 1, and remote control over WMI or WinRM. What a call carries is not read.';
  readonly evadedBy = 'Encrypted SMB 3, WMI, or WinRM.';
  readonly settings = 'lateralMovement';
  readonly techniques = [
    { id: 'T1021.002', name: 'Remote Services: SMB/Windows Admin Shares' },
    { id: 'T1569.002', name: 'System Services: Service Execution' },
    { id: 'T1053.005', name: 'Scheduled Task/Job: Scheduled Task' },
  ];
  readonly advice = [
    'Ask the administrators: backup, software distribution and helpdesk tools do this by design; add an exception for their hosts.',
    'Otherwise isolate the source, and look on the target for new services and tasks of this time (events 7045 and 4698).',
    'Change the password of the account that was used, and look where else it was.',
  ];
  readonly noteKinds = [NoteKind.smb, NoteKind.rpcCall];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(3, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    const counter = c.noteKind[i] === NoteKind.rpcCall ? callOf(notes, i) : openingOf(notes, i);
    if (counter === undefined) return;
    const entry = pairOfNote(this.counts, notes, i);
    if (!entry) return;
    entry.now[counter]!++;
    this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  magnitude(entry: KeyedEntry, { lateralMovement }: HostConfig): number {
    return this.all(entry) / lateralMovement.controls;
  }

  private all(entry: KeyedEntry): number {
    return [SHARES, PIPES, CALLS].reduce((sum, counter) => sum + this.counts.total(entry, counter), 0);
  }

  argue(entry: KeyedEntry, { lateralMovement }: HostConfig): Argument {
    const shares = this.counts.total(entry, SHARES);
    const pipes = this.counts.total(entry, PIPES);
    const calls = this.counts.total(entry, CALLS);
    const isPlain = calls > 0 || (shares > 0 && pipes > 0);
    return {
      entity: `${entry.client} > ${entry.subject}`,
      severity: isPlain ? 'high' : 'medium',
      confidence: calls > 0 ? 0.9 : isPlain ? 0.85 : 0.6,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [entry.client],
      targets: [entry.subject],
      title: `${entry.client} takes control of ${entry.subject} over ${shares + pipes > 0 ? 'SMB' : 'remote calls'}`,
      summary: `${entry.client} opened administrative shares of ${entry.subject} ${counted(shares, 'time')} and pipes for services, tasks or the registry ${counted(pipes, 'time')}, and made ${counted(calls, 'call')} that change these, within ${KEYED_WINDOW_S} s.`,
      evidence: [
        { measure: 'administrative shares opened', unit: 'request', value: shares, normal: 0 },
        { measure: 'control pipes opened', unit: 'request', value: pipes, normal: 0 },
        { measure: 'calls that change services, tasks or the registry', unit: 'call', value: calls, normal: 0 },
        { measure: 'all together', unit: 'request', value: this.all(entry), threshold: lateralMovement.controls },
      ],
      counterfactual: `Fewer than ${lateralMovement.controls} of these in ${KEYED_WINDOW_S} s.`,
      flows: [],
    };
  }
}

/** The counter of calls, where note `i` is one that changes something; else undefined. */
function callOf({ columns: { noteCode, noteValue } }: NoteTable, i: number): number | undefined {
  return CONTROL_CALLS[noteCode[i]!]?.includes(noteValue[i]!) ? CALLS : undefined;
}

/** Which counter the name that a request opens belongs to; undefined for an ordinary one. */
function openingOf(notes: NoteTable, i: number): number | undefined {
  if (notes.columns.noteCode[i]! & NOTE_CODE_RESPONSE) return undefined;
  const { data, offsets } = notes.columns.noteText;
  const start = offsets[i]!;
  const length = offsets[i + 1]! - start;
  if (length === 0 || length > LONGEST_NAME_BYTES) return undefined;
  const name = Buffer.from(data.buffer, data.byteOffset + start, length).toString('latin1');
  if (ADMIN_SHARE.test(name)) return SHARES;
  return CONTROL_PIPE.test(name) ? PIPES : undefined;
}
