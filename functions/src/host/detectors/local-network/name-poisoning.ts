import { finish, formatAddress, hashAddress, hashBytes, mix, NoteKind, type NoteTable } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, readable } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';

const ANSWERS = 0;
const MULTICAST_DNS = 5353;
/** By multicast DNS some machines have several names by design: so many times as many are needed there. */
const MULTICAST_FACTOR = 2;

/** A host that says to be whoever is looked for by name on its network. */
export class NamePoisoning implements KeyedDetector<KeyedEntry> {
  readonly name = 'name-poisoning';
  readonly kind = 'rogue-server';
  readonly sees =
    'A host that answers look-ups by LLMNR, NetBIOS or multicast DNS for many names with its own address, where a host has one name or two.';
  readonly how =
    'Distinct names answered with the own address are counted for each host over five minutes; by multicast DNS, where some machines have aliases, twice as many are needed.';
  readonly blindTo = 'Answers for one name alone, and answers by multicast DNS with the address of another machine.';
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
    const service = c.noteCode[i]!;
    const speaker = speakerOf(notes, i);
    if (!speaker) return;
    const key = finish(mix(mix(29, hashAddress(speaker.words, i * 4)), service === MULTICAST_DNS ? 1 : 0));
    const entry =
      this.counts.get(key) ??
      this.counts.create(key, { client: formatAddress(speaker.bytes, i * 16), subject: '', port: service });
    if (!entry) return;
    entry.now[ANSWERS]!++;
    this.counts.addDistinct(entry, hashBytes(c.noteText.data, c.noteText.offsets[i]!, c.noteText.offsets[i + 1]!));
    this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  magnitude(entry: KeyedEntry, { namePoisoning }: HostConfig): number {
    return this.counts.distinct(entry) / leastOf(entry, namePoisoning);
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
          threshold: leastOf(entry, namePoisoning),
        },
        { measure: 'answers', unit: 'message', value: this.counts.total(entry, ANSWERS) },
      ],
      counterfactual: `Fewer than ${leastOf(entry, namePoisoning)} names.`,
      flows: [],
    };
  }
}

function leastOf({ port }: KeyedEntry, { names }: HostConfig['namePoisoning']): number {
  return port === MULTICAST_DNS ? MULTICAST_FACTOR * names : names;
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
