import { finish, formatAddress, hashAddress, hashBytes, mix, NoteKind, type NoteTable } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, readable } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';

const ANSWERS = 0;
const MULTICAST_DNS = 5353;

/** A host that says to be whoever is looked for by name on its network. */
export class NamePoisoning implements KeyedDetector<KeyedEntry> {
  readonly name = 'name-poisoning';
  readonly kind = 'rogue-server';
  readonly sees =
    'A host that answers look-ups by LLMNR or NetBIOS for many names with its own address, where a host has one name or two.';
  readonly how = 'Distinct names answered with the own address are counted for each host over five minutes.';
  readonly blindTo = 'Answers for one name alone, and multicast DNS, where devices have many names by design.';
  readonly evadedBy = 'Answering for three names (four are told), of which wpad may be one.';
  readonly techniques = [{ id: 'T1557.001', name: 'Adversary-in-the-Middle: LLMNR/NBT-NS Poisoning and SMB Relay' }];
  readonly advice = [
    'Find the machine, and change the passwords of those who logged in to it meanwhile.',
    'Turn off LLMNR and NetBIOS name service where nothing needs them.',
  ];
  readonly noteKinds = [NoteKind.nameAnswer];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(1, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    if (c.noteCode[i] === MULTICAST_DNS) return;
    const speaker = speakerOf(notes, i);
    if (!speaker) return;
    const key = finish(mix(29, hashAddress(speaker.words, i * 4)));
    const entry =
      this.counts.get(key) ??
      this.counts.create(key, { client: formatAddress(speaker.bytes, i * 16), subject: '', port: c.noteCode[i]! });
    if (!entry) return;
    entry.now[ANSWERS]!++;
    this.counts.addDistinct(entry, hashBytes(c.noteText.data, c.noteText.offsets[i]!, c.noteText.offsets[i + 1]!));
    this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  magnitude(entry: KeyedEntry, { namePoisoning }: HostConfig): number {
    return this.counts.distinct(entry) / namePoisoning.names;
  }

  argue(entry: KeyedEntry, { namePoisoning }: HostConfig): Argument {
    const names = this.counts.distinct(entry);
    const { client } = entry;
    return {
      entity: client,
      severity: 'high',
      confidence: Math.min(0.95, 0.5 + names / 20),
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [client],
      targets: [],
      title: `${client} says to be everybody`,
      summary: `${client} answered look-ups for ${readable(names)} names with its own address within ${KEYED_WINDOW_S} s.`,
      evidence: [
        {
          measure: 'names answered with the own address',
          unit: 'name',
          value: names,
          normal: 1,
          threshold: namePoisoning.names,
        },
        { measure: 'answers', unit: 'message', value: this.counts.total(entry, ANSWERS) },
      ],
      counterfactual: `Fewer than ${namePoisoning.names} names.`,
      flows: [],
    };
  }
}

/** The side of the note whose own address the answer gives; undefined where it gives another's, as name servers do. */
function speakerOf(notes: NoteTable, i: number) {
  const { clientAddress, serverAddress, noteValue } = notes.columns;
  if (noteValue[i] === 0) return undefined;
  for (const side of [clientAddress, serverAddress]) if (ipv4Of(side.bytes, i * 16) === noteValue[i]) return side;
  return undefined;
}

function ipv4Of(bytes: Uint8Array, at: number): number {
  return ((bytes[at + 12]! << 24) | (bytes[at + 13]! << 16) | (bytes[at + 14]! << 8) | bytes[at + 15]!) >>> 0;
}
