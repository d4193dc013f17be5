import { finish, formatAddress, hashAddress, hashBytes, mix, NoteKind, type NoteTable } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, readable, severityFor } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { isLookUpDomain } from './look-up-services.js';

const QUERIES = 0;
const QUERY_BYTES = 1;
const RESPONSES = 2;
const RESPONSE_NAME_BYTES = 3;
const RESPONSE_BYTES = 4;
/** Queries for types that carry free data: TXT, NULL, and the like. */
const FREE_DATA_QUERIES = 5;
/** Queries and responses of types that no service uses, or that hosts leave to their resolver. */
const ODD_TYPE_MESSAGES = 6;
/** Answers of type TXT, and their length. */
const TEXT_ANSWERS = 7;
const TEXT_ANSWER_BYTES = 8;

const TXT = 16;
/** Names with less below their domain carry next to nothing: mail, www, and most of the rest. */
const SHORTEST_CARRIER_BYTES = 12;
/** No domain is shorter, with the dot before it: .x.yz */
const SHORTEST_DOMAIN_BYTES = 5;
const DOT = 0x2e;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const NINE = 0x39;
const LETTER_N = 0x6e;
/** The domain of names that have none. */
const ROOT = '.';
/** No top-level domain with digits is as long, but for those that begin with `xn--`. */
const LEAST_UNREAL_BYTES = 10;
/** Characters of an escape, \ddd, beyond the byte that it stands for. */
const ESCAPE_EXTRA = 3;

/**
 * Data carried in DNS: many distinct long names under one domain; or names of any length, where the type is one that no
 * service uses, or the answers are long texts, as there the data may be in the answers.
 */
export class DnsTunnel implements KeyedDetector {
  readonly name = 'dns-tunnel';
  readonly kind = 'dns-tunnel';
  readonly sees =
    'A client that asks for many distinct names under one domain: long ones, ones of a query type that no service uses (NULL, private use) or that hardly any host asks for itself (CNAME, MX, KEY), or ones that are answered with long texts (TXT).';
  readonly how =
    'Names of each client are counted by registered domain over five minutes, each once, by UDP and TCP, through a resolver or past it, and those that end in no domain together; a domain that names one host again and again carries nothing. Two dozen services that are asked for hashes of files or senders of mail by design are left out.';
  readonly blindTo =
    'Tunnels slower than the threshold, and those spread over many domains. Services beyond those known that put data into names by design (reputation look-ups of hashes) look the same: add an exception.';
  readonly evadedBy = 'Four questions a minute with 90 bytes in each (six are told), or a new domain for each few.';
  readonly techniques = [
    { id: 'T1071.004', name: 'Application Layer Protocol: DNS' },
    { id: 'T1572', name: 'Protocol Tunneling' },
  ];
  readonly advice = [
    'Find the program on the client that asks for these names.',
    'Block the domain at the resolver, and isolate the client if nobody can explain it.',
    'Keep the names: they are what was carried out.',
  ];
  readonly noteKinds = [NoteKind.dnsQuery, NoteKind.dnsResponse];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(9, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number, { dnsTunnel }: HostConfig): void {
    const c = notes.columns;
    const { data, offsets } = c.noteText;
    const start = offsets[i]!;
    const end = offsets[i + 1]!;
    const leastBytes = carriesAnyLength(c.noteCode[i]!) ? 1 : SHORTEST_CARRIER_BYTES;
    if (end - start < leastBytes + SHORTEST_DOMAIN_BYTES) return;
    const domainStart = registeredDomainStart(data, start, end);
    const carriedBytes = bytesOf(data, start, domainStart - 1);
    if (carriedBytes < leastBytes || isInfrastructure(data, end)) return;
    const key = finish(mix(hashAddress(c.clientAddress.words, i * 4), hashBytes(data, domainStart, end)));
    const entry =
      this.counts.get(key) ??
      this.counts.create(key, {
        client: formatAddress(c.clientAddress.bytes, i * 16),
        subject: Buffer.from(data.buffer, domainStart, end - domainStart).toString('latin1') || ROOT,
        port: c.serverPort[i]!,
      });
    if (!entry) return;
    this.counts.addDistinct(entry, hashBytes(data, start, end));
    if (this.counts.hasAtLeast(entry, dnsTunnel.names)) this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
    else this.counts.note(entry, c.timeUs[i]!, c.timeUs[i]!);
    countMessage(entry.now, notes, i, carriedBytes);
  }

  /** Distinct names, and bytes carried in them: repeats carry nothing. */
  private carried(entry: KeyedEntry): { names: number; bytes: number; bytesPerName: number } {
    const names = this.counts.distinct(entry);
    const queries = this.counts.total(entry, QUERIES);
    // Where only answers were seen, they name what was asked.
    const bytesPerName =
      queries > 0
        ? this.counts.total(entry, QUERY_BYTES) / queries
        : this.counts.total(entry, RESPONSE_NAME_BYTES) / Math.max(1, this.counts.total(entry, RESPONSES));
    return { names, bytes: names * bytesPerName, bytesPerName };
  }

  /** Share of the messages whose type no service uses, or hardly any host asks for. */
  private oddTypeShare(entry: KeyedEntry): number {
    const messages = this.counts.total(entry, QUERIES) + this.counts.total(entry, RESPONSES);
    return this.counts.total(entry, ODD_TYPE_MESSAGES) / Math.max(1, messages);
  }

  magnitude(entry: KeyedEntry, { dnsTunnel }: HostConfig): number {
    const { names, bytes, bytesPerName } = this.carried(entry);
    if (names < dnsTunnel.names || isLookUpDomain(entry.subject)) return 0;
    const byType = this.oddTypeShare(entry) < dnsTunnel.oddTypeShare ? 0 : names / dnsTunnel.names;
    const byLength = bytesPerName < dnsTunnel.bytesPerName ? 0 : bytes / dnsTunnel.nameBytes;
    const answers = this.counts.total(entry, TEXT_ANSWERS);
    const isLongText = this.counts.total(entry, TEXT_ANSWER_BYTES) >= dnsTunnel.textAnswerBytes * answers;
    const byAnswers = isLongText ? Math.min(names, answers) / dnsTunnel.names : 0;
    return Math.max(byType, byLength, byAnswers);
  }

  argue(entry: KeyedEntry, { dnsTunnel }: HostConfig): Argument {
    const { names, bytes, bytesPerName } = this.carried(entry);
    const oddType = this.oddTypeShare(entry);
    const freeData = this.counts.total(entry, FREE_DATA_QUERIES) / Math.max(1, this.counts.total(entry, QUERIES));
    return {
      // The domain alone: a tunnel through a resolver is seen twice, from the client and from the resolver.
      entity: entry.subject,
      severity: severityFor('high', bytes / dnsTunnel.nameBytes, 30),
      confidence: Math.min(0.95, 0.7 + 0.25 * Math.max(freeData, oddType)),
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [entry.client],
      targets: [],
      domain: entry.subject,
      title: `${entry.client} tunnels through DNS under ${entry.subject}`,
      summary: `${entry.client} asked for ${readable(names)} distinct names under ${entry.subject} within ${KEYED_WINDOW_S} s, ${readable(bytesPerName)} bytes below the domain each: ${readable(bytes)} bytes carried out, ${readable(this.counts.total(entry, RESPONSE_BYTES))} bytes of answers.`,
      evidence: [
        {
          measure: 'distinct names under the domain',
          unit: 'name',
          value: names,
          normal: 3,
          threshold: dnsTunnel.names,
        },
        {
          measure: 'bytes carried in them',
          unit: 'byte',
          value: Math.round(bytes),
          normal: 60,
          threshold: dnsTunnel.nameBytes,
        },
        {
          measure: 'bytes below the domain in each',
          unit: 'byte',
          value: bytesPerName,
          normal: 15,
          threshold: dnsTunnel.bytesPerName,
        },
        { measure: 'share of queries for TXT or NULL', unit: '1', value: freeData, normal: 0.02 },
        {
          measure: 'share of messages of a type that hardly any host asks for',
          unit: '1',
          value: oddType,
          normal: 0,
          threshold: dnsTunnel.oddTypeShare,
        },
        {
          measure: 'mean length of answers of type TXT',
          unit: 'byte',
          value: this.counts.total(entry, TEXT_ANSWER_BYTES) / Math.max(1, this.counts.total(entry, TEXT_ANSWERS)),
          normal: 120,
          threshold: dnsTunnel.textAnswerBytes,
        },
      ],
      counterfactual: `Fewer than ${dnsTunnel.names} distinct names under this domain, or shorter ones of usual types, in ${KEYED_WINDOW_S} s.`,
      flows: [],
    };
  }
}

function countMessage(counters: number[], notes: NoteTable, i: number, carriedBytes: number): void {
  const c = notes.columns;
  if (isOddType(c.noteCode[i]!) || isRarelyAsked(c.noteCode[i]!)) counters[ODD_TYPE_MESSAGES]!++;
  if (c.noteKind[i] === NoteKind.dnsQuery) {
    counters[QUERIES]!++;
    counters[QUERY_BYTES]! += carriedBytes;
    if (c.noteCode[i] === TXT || isOddType(c.noteCode[i]!)) counters[FREE_DATA_QUERIES]!++;
  } else {
    counters[RESPONSES]!++;
    counters[RESPONSE_NAME_BYTES]! += carriedBytes;
    counters[RESPONSE_BYTES]! += c.noteValue[i]! >>> 16;
    if (c.noteCode[i] === TXT) {
      counters[TEXT_ANSWERS]!++;
      counters[TEXT_ANSWER_BYTES]! += c.noteValue[i]! >>> 16;
    }
  }
}

/** Types that no service uses: NULL, an experiment of RFC 1035, and those for private use (RFC 6895 3.1). */
function isOddType(type: number): boolean {
  return type === 10 || (type >= 0xff00 && type <= 0xfffe);
}

/**
 * CNAME, MX and KEY, which tunnels use as they may be answered with names or data: a CNAME comes unasked with an address,
 * and what is asked of a mail exchanger has the domain itself as its name, where there is no room for data.
 */
function isRarelyAsked(type: number): boolean {
  return type === 5 || type === 15 || type === 25;
}

/** Types whose answers hold data of any kind, so that short names may be part of a tunnel. */
function carriesAnyLength(type: number): boolean {
  return type === TXT || isOddType(type);
}

/** Bytes that a stretch of a name as text stands for: an escape is one. */
function bytesOf(name: Uint8Array, start: number, end: number): number {
  let bytes = end - start;
  for (let k = start; k < end; k++) if (name[k] === BACKSLASH) bytes -= ESCAPE_EXTRA;
  return bytes;
}

/**
 * Where the domain that somebody registered begins in a name: its last two labels, or three where the last two are a
 * country and a short second level (co.uk); `end` where it has none. A rule of thumb that needs no list; a wrong guess only joins or splits keys.
 */
export function registeredDomainStart(name: Uint8Array, start: number, end: number): number {
  if (hasNoDomain(name, start, end)) return end;
  let dots = 0;
  let lastDot = end;
  let secondDot = end;
  for (let k = end - 1; k >= start; k--) {
    if (name[k] !== DOT) continue;
    dots++;
    if (dots === 1) lastDot = k;
    else if (dots === 2) {
      secondDot = k;
      const isCountry = end - lastDot - 1 === 2 && lastDot - secondDot - 1 <= 3;
      if (!isCountry) return k + 1;
    } else return k + 1;
  }
  return start;
}

/**
 * Whether a name ends in what is no top-level domain: long, with digits in it, and not of another script (RFC 5890). Tools
 * that ask their server directly do without a domain.
 */
function hasNoDomain(name: Uint8Array, start: number, end: number): boolean {
  let digits = 0;
  let from = end;
  for (; from > start && name[from - 1] !== DOT; from--)
    if (name[from - 1]! >= ZERO && name[from - 1]! <= NINE) digits++;
  return digits > 0 && end - from >= LEAST_UNREAL_BYTES && name[from + 1] !== LETTER_N;
}

/**
 * Reverse look-ups, names of the local link (`.arpa`, `.local`), and those of machines in a cloud (`.internal`), which are
 * long by nature and end within the network.
 */
function isInfrastructure(name: Uint8Array, end: number): boolean {
  return endsWith(name, end, ARPA) || endsWith(name, end, LOCAL) || endsWith(name, end, INTERNAL);
}

const ARPA = Buffer.from('.arpa');
const LOCAL = Buffer.from('.local');
const INTERNAL = Buffer.from('.internal');

function endsWith(name: Uint8Array, end: number, suffix: Uint8Array): boolean {
  for (let k = 1; k <= suffix.length; k++) if (name[end - k] !== suffix[suffix.length - k]) return false;
  return true;
}
