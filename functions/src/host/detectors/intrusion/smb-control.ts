import { NOTE_CODE_RESPONSE, NoteKind, type NoteTable } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, readable } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { pairOfNote } from '../stores/of-note.js';

const SHARES = 0;
const PIPES = 1;

/** A drive or the system folder, shared with administrators (MS-SRVS 1.3). IPC$ and print$ are everybody's. */
const ADMIN_SHARE = /\\(admin|[a-z])\$$/i;
/** Pipes by which services are made (MS-SCMR), tasks set (MS-TSCH), and the registry changed (MS-RRP). */
const CONTROL_PIPE = /^\\?(svcctl|atsvc|winreg)$/i;
const LONGEST_NAME_BYTES = 256;

/** One host takes control of another through SMB, as PsExec, Impacket and worms do. */
export class SmbControl implements KeyedDetector<KeyedEntry> {
  readonly name = 'smb-control';
  readonly kind = 'lateral-movement';
  readonly sees =
    'A host that opens administrative shares of another (ADMIN$, C$) or the pipes by which services and tasks are made there.';
  readonly how =
    'Counts tree connects to shares of drives and of the system folder, and openings of the pipes svcctl, atsvc and winreg. Ordinary users of a file server do neither.';
  readonly blindTo =
    'SMB 3 with encryption, remote control over RPC or WinRM alone, and what a client says after its pipe is open.';
  readonly evadedBy = 'Encrypted SMB 3, or WinRM.';
  readonly settings = 'lateralMovement';
  readonly techniques = [
    { id: 'T1021.002', name: 'Remote Services: SMB/Windows Admin Shares' },
    { id: 'T1569.002', name: 'System Services: Service Execution' },
  ];
  readonly advice = [
    'Ask the administrators: backup, software distribution and helpdesk tools do this by design; add an exception for their hosts.',
    'Otherwise isolate the source, and look on the target for new services and tasks of this time (events 7045 and 4698).',
    'Change the password of the account that was used, and look where else it was.',
  ];
  readonly noteKinds = [NoteKind.smb];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(2, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    if (c.noteCode[i]! & NOTE_CODE_RESPONSE) return;
    const counter = controlOf(notes, i);
    if (counter === undefined) return;
    const entry = pairOfNote(this.counts, notes, i);
    if (!entry) return;
    entry.now[counter]!++;
    this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  magnitude(entry: KeyedEntry, { lateralMovement }: HostConfig): number {
    return (this.counts.total(entry, SHARES) + this.counts.total(entry, PIPES)) / lateralMovement.controls;
  }

  argue(entry: KeyedEntry, { lateralMovement }: HostConfig): Argument {
    const shares = this.counts.total(entry, SHARES);
    const pipes = this.counts.total(entry, PIPES);
    const isBoth = shares > 0 && pipes > 0;
    return {
      entity: `${entry.client} > ${entry.subject}`,
      severity: isBoth ? 'high' : 'medium',
      confidence: isBoth ? 0.85 : 0.6,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [entry.client],
      targets: [entry.subject],
      title: `${entry.client} takes control of ${entry.subject} over SMB`,
      summary: `${entry.client} opened administrative shares of ${entry.subject} ${readable(shares)} times and pipes for services, tasks or the registry ${readable(pipes)} times within ${KEYED_WINDOW_S} s.`,
      evidence: [
        { measure: 'administrative shares opened', unit: 'request', value: shares, normal: 0 },
        { measure: 'control pipes opened', unit: 'request', value: pipes, normal: 0 },
        { measure: 'both together', unit: 'request', value: shares + pipes, threshold: lateralMovement.controls },
      ],
      counterfactual: `Fewer than ${lateralMovement.controls} of these in ${KEYED_WINDOW_S} s.`,
      flows: [],
    };
  }
}

/** Which counter the name that a request opens belongs to; undefined for an ordinary one. */
function controlOf(notes: NoteTable, i: number): number | undefined {
  const { data, offsets } = notes.columns.noteText;
  const start = offsets[i]!;
  const length = offsets[i + 1]! - start;
  if (length === 0 || length > LONGEST_NAME_BYTES) return undefined;
  const name = Buffer.from(data.buffer, data.byteOffset + start, length).toString('latin1');
  if (ADMIN_SHARE.test(name)) return SHARES;
  return CONTROL_PIPE.test(name) ? PIPES : undefined;
}
