import { formatEndpoint, LineProtocol, NoteKind, type NoteTable } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import type { Argument } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { serviceOfNote } from '../stores/of-note.js';

/** What is counted of each service, by what its streams begin with. */
const COUNTERS: ReadonlyMap<number, number> = new Map([
  [LineProtocol.shell, 0],
  [LineProtocol.remoteControl, 1],
  [LineProtocol.program, 2],
]);
const BEGINNINGS = [
  { what: 'the words of a command shell', does: 'gives a command shell to' },
  { what: 'a message of a program for remote control', does: 'is under remote control through' },
  {
    what: 'a Windows program behind its length, as stages of attack tools are sent',
    does: 'loads the stage of an attack tool from',
  },
] as const;

/** A command shell, or a program known for remote control, on a plain TCP connection. */
export class RemoteControl implements KeyedDetector<KeyedEntry> {
  readonly name = 'remote-control';
  readonly kind = 'command-and-control';
  readonly sees =
    'A TCP connection, on any port, that begins with the words of a command shell (a reverse or bind shell), with the first message of Gh0st, of its many children or of njRAT, or with a Windows program behind its length, as stages of attack tools (Meterpreter and others) are sent.';
  readonly how =
    "The capture agent looks at the first payload of each direction: the greeting or prompt of Windows' shells, what Unix shells say that have no terminal, the answer to `id`; the framing of the two programs; and the letters MZ behind four bytes of length, be these a payload of their own.";
  readonly blindTo =
    'Whatever is encrypted, programs that are sent alone (as FTP does too), other tools, shells that say something else first, and streams of which the beginning was not captured. Telnet and remote login (ports 23, 513, 514) are left out. A console server that greets with a prompt looks the same: add an exception.';
  readonly evadedBy = 'TLS, or any encoding of the first bytes.';
  readonly techniques = [
    { id: 'T1059', name: 'Command and Scripting Interpreter' },
    { id: 'T1095', name: 'Non-Application Layer Protocol' },
  ];
  readonly advice = [
    'Take the host with the shell off the network, and keep its memory and disk for who looks into it.',
    'Find out what opened the connection: the program, its user, and how it came there.',
    'Block the other side, and look who else speaks to it.',
  ];
  readonly noteKinds = [NoteKind.lineCommand];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(BEGINNINGS.length, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    const counter = COUNTERS.get(c.noteCode[i]!);
    if (counter === undefined) return;
    const entry = serviceOfNote(this.counts, notes, i);
    if (!entry) return;
    entry.now[counter]!++;
    this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  magnitude(entry: KeyedEntry): number {
    return BEGINNINGS.reduce((sum, _, counter) => sum + this.counts.total(entry, counter), 0);
  }

  argue(entry: KeyedEntry): Argument {
    const { client, subject, port } = entry;
    const seen = BEGINNINGS.map(({ what, does }, counter) => ({
      what,
      does,
      streams: this.counts.total(entry, counter),
    }));
    const [first] = seen.filter(({ streams }) => streams > 0);
    return {
      // The side that was called: all that call one controller, on whatever port, belong together.
      entity: subject,
      severity: 'high',
      confidence: 0.9,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [client],
      targets: [subject],
      title: `${client} ${first!.does} ${formatEndpoint(subject, port)}`,
      summary: `A connection of ${client} to ${subject}, port ${port}, began with ${first!.what}${first!.streams > 1 ? ` (${first!.streams} such in ${KEYED_WINDOW_S} s)` : ''}. Which of the two commands the other, the direction of the connection does not say: shells call back, or wait to be called.`,
      evidence: seen
        .filter(({ streams }) => streams > 0)
        .map(({ what, streams }) => ({
          measure: `streams that begin with ${what}`,
          unit: 'stream',
          value: streams,
          normal: 0,
          threshold: 1,
        })),
      counterfactual: 'No such beginning.',
      flows: [],
    };
  }
}
