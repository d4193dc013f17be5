import { finish, formatAddress, hashAddress, hashBytes, mix, NoteKind, type NoteTable } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, readable, severityFor } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';

/** Query type (RFC 1035 3.2.2). */
const PTR = 12;
/** Names of IPv4 addresses end so, the address in front of it from its last byte on (RFC 1035 3.5). */
const SUFFIX = Buffer.from('.in-addr.arpa');
const DOT = 0x2e;

/** A host that asks for the names of all addresses of a network, one after the other. */
export class ReverseLookUps implements KeyedDetector<KeyedEntry> {
  readonly name = 'reverse-look-ups';
  readonly kind = 'address-sweep';
  readonly sees =
    'A host that asks DNS for the names of many addresses of one network, as one does who wants to know what is there without touching it.';
  readonly how =
    'Counts the distinct addresses within a network of 256 that a host asks the name of (PTR) over five minutes. Whoever reads logs or delivers mail asks about addresses that lie apart.';
  readonly blindTo =
    'IPv6, and look-ups spread over many networks. Programs that keep lists of addresses do the same by design: add an exception.';
  readonly evadedBy = 'Twelve addresses a minute (14 are told), or a resolver of its own outside.';
  readonly techniques = [{ id: 'T1590.002', name: 'Gather Victim Network Information: DNS' }];
  readonly advice = [
    'Ask who runs the host whether a list of machines was being made.',
    'Look at what the host does next: a scan of those that have names is usual.',
    'Let the resolver answer such questions to those only who need it.',
  ];
  readonly noteKinds = [NoteKind.dnsQuery];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(1, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number, { reverseLookUps }: HostConfig): void {
    const c = notes.columns;
    if (c.noteCode[i] !== PTR) return;
    const { data, offsets } = c.noteText;
    const [start, end] = [offsets[i]!, offsets[i + 1]!];
    const zone = networkStart(data, start, end);
    if (zone < 0) return;
    const key = finish(mix(hashAddress(c.clientAddress.words, i * 4), hashBytes(data, zone, end)));
    const entry =
      this.counts.get(key) ??
      this.counts.create(key, {
        client: formatAddress(c.clientAddress.bytes, i * 16),
        subject: networkOf(data, zone, end),
        port: c.serverPort[i]!,
      });
    if (!entry) return;
    entry.now[0]!++;
    this.counts.addDistinct(entry, hashBytes(data, start, end));
    if (this.counts.hasAtLeast(entry, reverseLookUps.addresses)) this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
    else this.counts.note(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  magnitude(entry: KeyedEntry, { reverseLookUps }: HostConfig): number {
    return this.counts.distinct(entry) / reverseLookUps.addresses;
  }

  argue(entry: KeyedEntry, { reverseLookUps }: HostConfig): Argument {
    const { client, subject } = entry;
    const addresses = this.counts.distinct(entry);
    return {
      entity: client,
      severity: severityFor('low', addresses / reverseLookUps.addresses, 100),
      confidence: 0.6,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [client],
      targets: [subject],
      title: `${client} asks for the names of ${subject}`,
      summary: `${client} asked for the names of ${readable(addresses)} addresses of ${subject} within ${KEYED_WINDOW_S} s.`,
      evidence: [
        {
          measure: 'addresses whose names were asked for',
          unit: 'address',
          value: addresses,
          normal: 3,
          threshold: reverseLookUps.addresses,
        },
        { measure: 'questions', unit: 'query', value: this.counts.total(entry, 0) },
      ],
      counterfactual: `Fewer than ${reverseLookUps.addresses} addresses of this network in ${KEYED_WINDOW_S} s.`,
      flows: [],
    };
  }
}

/** Where the network of 256 addresses begins in the name of an address, behind its first label; −1 of other names. */
function networkStart(name: Uint8Array, start: number, end: number): number {
  const suffix = end - SUFFIX.length;
  if (suffix <= start) return -1;
  for (let k = 0; k < SUFFIX.length; k++) if (name[suffix + k] !== SUFFIX[k]) return -1;
  const dots: number[] = [];
  for (let k = start; k < suffix; k++) if (name[k] === DOT) dots.push(k);
  return dots.length === 3 ? dots[0]! + 1 : -1;
}

/** The network as a block, such as 192.0.2.0/24. */
function networkOf(name: Uint8Array, zone: number, end: number): string {
  const labels = Buffer.from(name.buffer, name.byteOffset + zone, end - SUFFIX.length - zone).toString('latin1');
  return `${labels.split('.').reverse().join('.')}.0/24`;
}
