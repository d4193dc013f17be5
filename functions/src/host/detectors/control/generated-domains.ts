import { finish, formatAddress, hashAddress, hashBytes, mix, NoteKind, type NoteTable } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, readable, severityFor } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { registeredDomainStart } from '../leaving-data/dns-tunnel.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { surpriseBits } from './name-surprise.js';

const ANSWERS = 0;
const FAILURES = 1;
/** Names that do not exist, each once, and their surprise. */
const NAMES = 2;
const SURPRISE_SUM = 3;

const NXDOMAIN = 3;
const DOT = 0x2e;
/** A shorter label says nothing about who chose it. */
const SHORTEST_LABEL_BYTES = 6;
/** Samples shown. */
const NAMES_SHOWN = 4;

interface Asker extends KeyedEntry {
  /** The first names of the alphabet. */
  samples?: string[];
}

/** A program that looks for its master under names that it makes up, of which few exist. */
export class GeneratedDomains implements KeyedDetector<Asker> {
  readonly name = 'generated-domains';
  readonly kind = 'generated-domains';
  readonly sees =
    'A client that asks for many domains that do not exist, with names that look as if nobody had chosen them.';
  readonly how =
    'Of each client, answers that a name does not exist are counted over five minutes, by registered domain, and the surprise of each such name is measured: the mean of −log2 of how likely each character follows the one before in English and in names that people gave.';
  readonly blindTo =
    'Generators that join words, those whose names exist, and a few names at a time. Behind a resolver that the sensor sees from the far side only, the resolver is accused.';
  readonly evadedBy = 'A name a minute (two are told), or names made of words.';
  readonly techniques = [{ id: 'T1568.002', name: 'Dynamic Resolution: Domain Generation Algorithms' }];
  readonly advice = [
    'Find the program on the client that asks for these names.',
    'Look which of the names that it asked for do exist: there is the master.',
    'Isolate the client if nobody can explain it.',
  ];
  readonly noteKinds = [NoteKind.dnsResponse];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(4, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    const isFailure = (c.noteValue[i]! & 0xff) === NXDOMAIN;
    const key = finish(mix(11, hashAddress(c.clientAddress.words, i * 4)));
    let entry: Asker | undefined = this.counts.get(key);
    if (!isFailure) {
      // Those who never fail need no entry.
      if (entry) entry.now[ANSWERS]!++;
      return;
    }
    const client = formatAddress(c.clientAddress.bytes, i * 16);
    entry ??= this.counts.create(key, { client, subject: '', port: c.serverPort[i]! });
    if (!entry) return;
    entry.now[FAILURES]!++;
    this.countName(entry, notes, i);
  }

  private countName(entry: Asker, notes: NoteTable, i: number): void {
    const { data, offsets } = notes.columns.noteText;
    const start = offsets[i]!;
    const end = offsets[i + 1]!;
    const domainStart = registeredDomainStart(data, start, end);
    const labelEnd = data.indexOf(DOT, domainStart);
    // A name of one label is no domain: browsers ask for such to find out who answers for everything.
    if (labelEnd < 0 || labelEnd >= end || labelEnd - domainStart < SHORTEST_LABEL_BYTES) return;
    const before = entry.setOfBoth;
    this.counts.addDistinct(entry, hashBytes(data, domainStart, end));
    if (entry.setOfBoth !== before) {
      entry.now[NAMES]!++;
      entry.now[SURPRISE_SUM]! += Math.round(64 * surpriseBits(data, domainStart, labelEnd));
      const name = Buffer.from(data.buffer, data.byteOffset + domainStart, end - domainStart).toString('latin1');
      entry.samples = [...(entry.samples ?? []), name].sort().slice(0, NAMES_SHOWN);
    }
    this.counts.touch(entry, notes.columns.timeUs[i]!, notes.columns.timeUs[i]!);
  }

  private surprise(entry: Asker): number {
    return this.counts.total(entry, SURPRISE_SUM) / 64 / Math.max(1, this.counts.total(entry, NAMES));
  }

  private failedShare(entry: Asker): number {
    const failures = this.counts.total(entry, FAILURES);
    return failures / Math.max(1, failures + this.counts.total(entry, ANSWERS));
  }

  magnitude(entry: Asker, { generatedDomains }: HostConfig): number {
    const names = this.counts.distinct(entry);
    if (names < generatedDomains.names || this.failedShare(entry) < generatedDomains.failedShare) return 0;
    return this.surprise(entry) < generatedDomains.surpriseBits ? 0 : names / generatedDomains.names;
  }

  argue(entry: Asker, { generatedDomains }: HostConfig): Argument {
    const names = this.counts.distinct(entry);
    const surprise = this.surprise(entry);
    const { client, samples = [] } = entry;
    return {
      entity: client,
      severity: severityFor('high', names / generatedDomains.names, 20),
      confidence: Math.min(0.95, 0.6 + (surprise - generatedDomains.surpriseBits) / 4),
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [client],
      targets: [],
      title: `${client} looks for domains that nobody has chosen`,
      summary: `${client} asked for ${readable(names)} domains that do not exist within ${KEYED_WINDOW_S} s, such as ${samples.join(', ')}; ${readable(this.failedShare(entry) * 100)} % of its answers were failures.`,
      evidence: [
        {
          measure: 'distinct domains that do not exist',
          unit: 'domain',
          value: names,
          normal: 2,
          threshold: generatedDomains.names,
        },
        {
          measure: 'surprise of their names, on average',
          unit: 'bit/character',
          value: surprise,
          normal: 3.8,
          threshold: generatedDomains.surpriseBits,
        },
        {
          measure: 'share of answers that were failures',
          unit: '1',
          value: this.failedShare(entry),
          normal: 0.02,
          threshold: generatedDomains.failedShare,
        },
      ],
      counterfactual: 'Names as people choose them, or names that exist.',
      flows: [],
    };
  }
}
