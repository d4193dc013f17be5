import { LoginProtocol, NoteKind, type NoteTable } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, readable, severityFor } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { serviceOfNote } from '../stores/of-note.js';

const REFUSED = 0;
const LET_IN = 1;
const PROTOCOL = 2;

const NAMES: Readonly<Record<number, string>> = {
  [LoginProtocol.ldap]: 'LDAP',
  [LoginProtocol.kerberos]: 'Kerberos',
  [LoginProtocol.sip]: 'SIP',
};

/** Results that say that the name or the secret is wrong (RFC 4511 4.1.9, RFC 4120 7.5.9, RFC 3261 21.4), by protocol. */
const REFUSALS: Readonly<Record<number, ReadonlySet<number>>> = {
  [LoginProtocol.ldap]: new Set([49]),
  [LoginProtocol.kerberos]: new Set([6, 18, 24]),
  [LoginProtocol.sip]: new Set([401, 403, 404, 407]),
};
const ACCEPTED: ReadonlySet<number> = new Set([0, 200]);
/** Telephones are refused once before each registration, as they are told what to prove. */
const REFUSED_PER_LET_IN = 2;

/** Logins that a directory or a telephone exchange refuses, one after the other. */
export class LoginRefusals implements KeyedDetector<KeyedEntry> {
  readonly name = 'login-refusals';
  readonly kind = 'password-guessing';
  readonly sees =
    'Many logins of one host that an LDAP server, a Kerberos key distribution centre or a SIP registrar refuses: guessed passwords, or guessed names.';
  readonly how =
    'Counts what servers answer in numbers: result 49 of an LDAP bind; wrong secrets, unknown names and locked accounts of Kerberos; 401, 403, 404 and 407 to a REGISTER. Those that were let in are counted too: where there are half as many, or more, programs do ordinary work.';
  readonly blindTo =
    'Binds over TLS or with SASL that are refused in other words, and guessing by many sources, or in between the logins of a busy application.';
  readonly evadedBy = 'Three guesses a minute (four are told), LDAPS, or guessing from an application server.';
  readonly settings = 'passwordGuessing';
  readonly techniques = [
    { id: 'T1110.001', name: 'Brute Force: Password Guessing' },
    { id: 'T1110.003', name: 'Brute Force: Password Spraying' },
  ];
  readonly advice = [
    'Look in the log of the server which accounts were tried, and whether one was let in.',
    'Find out what runs on the source: a program with an old password looks alike, with one account.',
    'Block the source; turn on lock-out after failures.',
  ];
  readonly noteKinds = [NoteKind.loginResult];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(3, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    const protocol = c.noteCode[i]!;
    const isRefused = REFUSALS[protocol]?.has(c.noteValue[i]!) === true;
    if (!isRefused && !ACCEPTED.has(c.noteValue[i]!)) return;
    const entry = serviceOfNote(this.counts, notes, i);
    if (!entry) return;
    entry.now[isRefused ? REFUSED : LET_IN]!++;
    entry.now[PROTOCOL] = protocol;
    if (isRefused) this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
    else this.counts.note(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  magnitude(entry: KeyedEntry, { passwordGuessing }: HostConfig): number {
    const refused = this.counts.total(entry, REFUSED);
    // One login is under way.
    if (refused <= REFUSED_PER_LET_IN * (this.counts.total(entry, LET_IN) + 1)) return 0;
    return refused / passwordGuessing.refusals;
  }

  argue(entry: KeyedEntry, config: HostConfig): Argument {
    const least = config.passwordGuessing.refusals;
    const refused = this.counts.total(entry, REFUSED);
    const letIn = this.counts.total(entry, LET_IN);
    const name = NAMES[entry.now[PROTOCOL]! || entry.before[PROTOCOL]!] ?? 'directory';
    return {
      entity: `${entry.client} > ${entry.subject}:${entry.port}`,
      severity: severityFor('medium', this.magnitude(entry, config)),
      confidence: 0.85,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [entry.client],
      targets: [entry.subject],
      title: `${entry.client} guesses ${name} logins on ${entry.subject}`,
      summary: `${entry.subject}:${entry.port} refused ${readable(refused)} ${name} logins of ${entry.client} within ${KEYED_WINDOW_S} s, and let in ${readable(letIn)}.`,
      evidence: [
        { measure: 'logins refused', unit: 'login', value: refused, normal: 2, threshold: least },
        { measure: 'logins let in', unit: 'login', value: letIn },
      ],
      counterfactual: `Fewer than ${least} refused logins in ${KEYED_WINDOW_S} s, or half as many that are let in.`,
      flows: [],
    };
  }
}
