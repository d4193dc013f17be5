import { formatEndpoint, HttpSign, hashBytes, NoteKind, type NoteTable, REQUEST_SHAPE_SHIFT } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, counted, readable } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { pairOfNote } from '../stores/of-note.js';

/** By RequestShape; at 0 requests of a program that names itself a tool of attackers. */
const SHAPES = [
  'requests of a tool for attacks',
  'SQL in a parameter',
  'a path out of its folder',
  'commands of a shell',
  'scripts for the browser of others',
  'expressions to be evaluated',
];
/** Different requests from which on it is no accident, and from which it is a campaign. */
const MEDIUM_REQUESTS = 2;
const HIGH_REQUESTS = 16;

/** Requests to a web server that carry what only an attack needs. */
export class WebAttack implements KeyedDetector<KeyedEntry> {
  readonly name = 'web-attack';
  readonly kind = 'exploit';
  readonly sees =
    'Requests to a web server that carry SQL, shell commands, paths out of their folder, scripts, or expressions such as those of Log4Shell; and tools for attacks that name themselves.';
  readonly how =
    'The capture agent decodes the path, query, fields and the beginning of the body of each HTTP request, and compares them with shapes that working pages do not need. Here they are counted for each client and server over five minutes; one alone is low, two different ones are medium.';
  readonly blindTo =
    'HTTPS; bodies behind the first segment; encodings that only the application understands; and whether the attack worked. Whoever writes about such attacks and searches for them looks the same once.';
  readonly evadedBy = 'HTTPS, or an encoding of its own (Base64 in a JSON field).';
  readonly techniques = [
    { id: 'T1190', name: 'Exploit Public-Facing Application' },
    { id: 'T1595.002', name: 'Active Scanning: Vulnerability Scanning' },
  ];
  readonly advice = [
    'Look in the log of the web server how these requests were answered: much data, or an error of the database, means that it works.',
    'Block the source unless the test was announced.',
    'Mend the page that was asked for: bind parameters, and check paths against a list.',
  ];
  readonly noteKinds = [NoteKind.httpRequest];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(SHAPES.length, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    const code = c.noteCode[i]!;
    const shape = code >>> REQUEST_SHAPE_SHIFT;
    if (shape === 0 && !(code & HttpSign.attackTool)) return;
    if (shape >= SHAPES.length) return;
    const entry = pairOfNote(this.counts, notes, i);
    if (!entry) return;
    entry.now[shape]!++;
    const { data, offsets } = c.noteText;
    this.counts.addDistinct(entry, hashBytes(data, offsets[i]!, offsets[i + 1]!));
    this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  magnitude(entry: KeyedEntry, { webAttack }: HostConfig): number {
    return this.counts.distinct(entry) / webAttack.requests;
  }

  argue(entry: KeyedEntry, { webAttack }: HostConfig): Argument {
    const { client, subject, port } = entry;
    const different = this.counts.distinct(entry);
    const found = SHAPES.map((name, shape) => ({ name, count: this.counts.total(entry, shape) }));
    const seen = found.filter(({ count }) => count > 0);
    const words = seen.map(({ name, count }) => `${name} (${readable(count)})`).join(', ');
    return {
      entity: `${client} > ${subject}`,
      severity: different >= HIGH_REQUESTS ? 'high' : different >= MEDIUM_REQUESTS ? 'medium' : 'low',
      confidence: different >= MEDIUM_REQUESTS ? 0.85 : 0.5,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [client],
      targets: [subject],
      title: `${client} attacks the web server ${subject}`,
      summary: `${client} sent ${formatEndpoint(subject, port)} within ${KEYED_WINDOW_S} s ${words}: ${counted(different, 'different request')}.`,
      evidence: [
        {
          measure: 'different such requests',
          unit: 'request',
          value: different,
          normal: 0,
          threshold: webAttack.requests,
        },
        ...seen.map(({ name, count }) => ({ measure: name, unit: 'request', value: count, normal: 0 })),
      ],
      counterfactual: 'Parameters that are data only: names, numbers and words.',
      flows: [],
    };
  }
}
