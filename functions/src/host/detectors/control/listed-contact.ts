import {
  type ActivityTable,
  finish,
  formatAddress,
  hashAddress,
  hashBytes,
  mix,
  NoteKind,
  type NoteTable,
  parseAddress,
} from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import { type Indicators, indicatorsOf } from '../../../rules/indicators.js';
import type { IndicatorList } from '../../../rules/rules.js';
import type { HostConfig } from '../../config.js';
import { type Argument, counted } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';

const MET = 0;

/** A host that has to do with an address, a domain or a program that the user has listed as bad. */
export class ListedContact implements KeyedDetector<KeyedEntry> {
  readonly name = 'listed-contact';
  readonly kind = 'listed';
  readonly sees =
    'A host that has to do with an address, a domain or a TLS program (JA4) of a list that you have given with --rules.';
  readonly how =
    'Looks up both addresses of connections that were answered or are over, the names in DNS questions, TLS and QUIC hellos and HTTP requests with all domains above them, and the JA4 of hellos. Without lists it does nothing.';
  readonly blindTo = 'Names in encrypted DNS and encrypted hellos, and whatever is not on a list.';
  readonly evadedBy = 'An address or a domain that is not listed yet.';
  readonly techniques = [{ id: 'T1071', name: 'Application Layer Protocol' }];
  readonly advice = [
    'Look what the list says of the entry, and how old it is: addresses are given to others, and domains are cleaned.',
    'Find out which program on the host made the connection; isolate the host if nobody can say.',
    'Look who else has met the entry: it is the same incident kind for each of them.',
  ];
  readonly noteKinds = [NoteKind.dnsQuery, NoteKind.tlsClientHello, NoteKind.quicInitial, NoteKind.httpRequest];
  readonly counts: KeyedCounts;
  /** Present where there are lists that it can apply to, so that nobody else pays for it. */
  readonly observeService?: (activity: ActivityTable, i: number) => void;
  readonly observeNote?: (notes: NoteTable, i: number) => void;
  private readonly indicators: Indicators;

  constructor({ maxKeys, lists }: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(1, maxKeys, sets);
    this.indicators = indicatorsOf(lists);
    if (this.indicators.hasAddresses) this.observeService = (activity, i) => this.lookAtAddresses(activity, i);
    if (this.indicators.hasNames) this.observeNote = (notes, i) => this.lookAtNames(notes, i);
  }

  private lookAtAddresses({ columns: c }: ActivityTable, i: number): void {
    const { indicators } = this;
    const from = c.originatorAddress;
    const to = c.responderAddress;
    if (!indicators.ofAddress(to.words, i * 4) && !indicators.ofAddress(from.words, i * 4)) return;
    const key = finish(mix(hashAddress(from.words, i * 4), hashAddress(to.words, i * 4)));
    const who = () => ({
      client: formatAddress(from.bytes, i * 16),
      subject: formatAddress(to.bytes, i * 16),
      port: c.responderPort[i]!,
    });
    const entry = this.counts.get(key) ?? this.counts.create(key, who());
    this.meet(entry, c.timeUs[i]!, c.lastTimeUs[i]!);
  }

  private lookAtNames(notes: NoteTable, i: number): void {
    const { ja4, name } = namesOf(notes, i);
    if (ja4 && this.indicators.ofFingerprint(ja4)) this.meetNamed(notes, i, ja4);
    const domain = name && this.indicators.domainOf(name);
    if (domain) this.meetNamed(notes, i, domain);
  }

  private meetNamed(notes: NoteTable, i: number, subject: string): void {
    const c = notes.columns;
    const key = finish(mix(hashAddress(c.clientAddress.words, i * 4), hashBytes(Buffer.from(subject))));
    const client = formatAddress(c.clientAddress.bytes, i * 16);
    const entry = this.counts.get(key) ?? this.counts.create(key, { client, subject, port: c.serverPort[i]! });
    this.meet(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  private meet(entry: KeyedEntry | undefined, firstUs: number, lastUs: number): void {
    if (!entry) return;
    entry.now[MET]!++;
    this.counts.touch(entry, firstUs, lastUs);
  }

  magnitude(entry: KeyedEntry): number {
    return this.counts.total(entry, MET);
  }

  argue(entry: KeyedEntry): Argument {
    const { client, subject } = entry;
    const { list, what, isClient } = this.findListed(entry);
    const met = this.counts.total(entry, MET);
    const isAddress = isAddressText(subject);
    const listed = isClient ? client : subject;
    const why = list?.description ? ` The list says: ${list.description}` : '';
    return {
      entity: `${client} > ${subject}`,
      severity: list?.severity ?? 'high',
      confidence: 0.9,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [client],
      targets: isAddress ? [subject] : [],
      ...(what === 'domain' ? { domain: subject } : {}),
      title: isClient
        ? `${client}, which is listed, calls ${subject}`
        : `${client} has to do with ${subject}, which is listed`,
      summary: `${client} met ${subject} ${counted(met, 'time')} within ${KEYED_WINDOW_S} s; ${listed} is on the list "${list?.name ?? ''}".${why}`,
      evidence: [{ measure: `times that the listed ${what} was met`, unit: '1', value: met, normal: 0, threshold: 1 }],
      counterfactual: `${listed} not on the list "${list?.name ?? ''}".`,
      flows: [],
    };
  }

  /** The list behind an entry. None where the lists have changed since. */
  private findListed({ client, subject }: KeyedEntry): {
    list: IndicatorList | undefined;
    what: string;
    isClient: boolean;
  } {
    const { indicators } = this;
    if (!isAddressText(subject)) {
      const program = indicators.ofFingerprint(subject);
      if (program) return { list: program, what: 'TLS program', isClient: false };
      return { list: indicators.ofDomain(subject), what: 'domain', isClient: false };
    }
    const server = indicators.ofAddressText(subject);
    if (server) return { list: server, what: 'address', isClient: false };
    return { list: indicators.ofAddressText(client), what: 'address', isClient: true };
  }
}

function isAddressText(text: string): boolean {
  try {
    parseAddress(text);
    return true;
  } catch {
    return false;
  }
}

/** The JA4 and the name in a note: contracts/src/notes.ts. */
function namesOf({ columns: { noteKind, noteText } }: NoteTable, i: number): { ja4?: string; name?: string } {
  const { data, offsets } = noteText;
  const words = Buffer.from(data.buffer, data.byteOffset + offsets[i]!, offsets[i + 1]! - offsets[i]!)
    .toString('latin1')
    .split(' ') as (string | undefined)[];
  switch (noteKind[i]) {
    case NoteKind.dnsQuery:
      return { name: words[0]! };
    case NoteKind.httpRequest:
      return words[2] ? { name: words[2].toLowerCase().replace(/:\d+$/, '') } : {};
    default:
      return { ja4: words[0]!, ...(words[1] ? { name: words[1] } : {}) };
  }
}
