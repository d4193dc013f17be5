import {
  type ActivityTable,
  type AddressColumn,
  FlowEvent,
  finish,
  formatAddress,
  hashAddress,
  hashBytes,
  mix,
  NoteKind,
  type NoteTable,
  Protocol,
} from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { isOutside } from '../address-scope.js';
import { type Argument, readable } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { registeredDomainStart } from '../leaving-data/dns-tunnel.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';

const GREETINGS = 0;
const LOOK_UPS = 1;
/** Connections from outside to the host's own port 25. */
const DELIVERIES = 2;
/** So many in the window make it a mail server, which also delivers. A port that is scanned gets one or two. */
const MAIL_SERVER_DELIVERIES = 5;
const SMTP_PORT = 25;
/** Query type MX (RFC 1035 3.2.2). */
const MAIL_EXCHANGE = 15;
/** From this many times the threshold on it is more than a small mail server sends. */
const MEDIUM_MAGNITUDE = 3;
/** Salts: two sets of one client are told apart by their keys. */
const SERVERS = 51;
const DOMAINS = 53;

/** A host that delivers mail to many servers itself, as a bot that sends spam does and a mail program does not. */
export class SpamSender implements KeyedDetector<KeyedEntry> {
  readonly name = 'spam-sender';
  readonly kind = 'spam';
  readonly sees =
    'A host that is greeted by many mail servers outside on port 25, or asks for the mail servers of many domains, within minutes.';
  readonly how =
    "Counts, for each host, the distinct servers outside that greet it on port 25, and the distinct domains that it asks a mail exchange (MX) for. Mail programs know one server, their provider's, on ports 465 or 587. A host that mail from outside comes to is a mail server, and not told.";
  readonly blindTo = 'Spam through the mail server of the network, by it, or through web mail.';
  readonly evadedBy = 'A server every half minute, or sending through the provider.';
  readonly techniques = [{ id: 'T1071.003', name: 'Application Layer Protocol: Mail Protocols' }];
  readonly advice = [
    'If the host is a mail server, add an exception for it; this is what it is for.',
    'If not, isolate it and look for the program that sends; the address will soon be on block lists.',
    'Let only the mail server out on port 25.',
  ];
  readonly noteKinds = [NoteKind.serverBanner, NoteKind.dnsQuery];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(3, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    if (c.noteKind[i] === NoteKind.dnsQuery) {
      if (c.noteCode[i] !== MAIL_EXCHANGE) return;
      const { data, offsets } = c.noteText;
      const domain = registeredDomainStart(data, offsets[i]!, offsets[i + 1]!);
      this.count(notes, i, LOOK_UPS, hashBytes(data, domain, offsets[i + 1]!));
    } else if (c.noteKind[i] === NoteKind.serverBanner && c.serverPort[i] === SMTP_PORT) {
      if (c.protocol[i] !== Protocol.tcp || !isOutside(c.serverAddress.bytes, i * 16)) return;
      this.count(notes, i, GREETINGS, hashAddress(c.serverAddress.words, i * 4));
    }
  }

  observeService({ columns: c }: ActivityTable, i: number): void {
    if (c.responderPort[i] !== SMTP_PORT || !(c.events[i]! & FlowEvent.established)) return;
    if (c.protocol[i] !== Protocol.tcp || !isOutside(c.originatorAddress.bytes, i * 16)) return;
    this.countDelivery(this.entryOf(c.responderAddress, i, SERVERS));
    this.countDelivery(this.entryOf(c.responderAddress, i, DOMAINS));
  }

  private countDelivery(entry: KeyedEntry | undefined): void {
    if (entry) entry.now[DELIVERIES]!++;
  }

  private entryOf(host: AddressColumn, i: number, salt: number): KeyedEntry | undefined {
    const key = finish(mix(salt, hashAddress(host.words, i * 4)));
    const client = () => formatAddress(host.bytes, i * 16);
    return this.counts.get(key) ?? this.counts.create(key, { client: client(), subject: '', port: SMTP_PORT });
  }

  private count({ columns: c }: NoteTable, i: number, counter: number, thing: number): void {
    const entry = this.entryOf(c.clientAddress, i, counter === LOOK_UPS ? DOMAINS : SERVERS);
    if (!entry) return;
    entry.now[counter]!++;
    this.counts.addDistinct(entry, thing);
    this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  magnitude(entry: KeyedEntry, { spamSender }: HostConfig): number {
    if (this.counts.total(entry, DELIVERIES) >= MAIL_SERVER_DELIVERIES) return 0;
    return this.counts.distinct(entry) / spamSender.servers;
  }

  argue(entry: KeyedEntry, config: HostConfig): Argument {
    const { servers: least } = config.spamSender;
    const different = this.counts.distinct(entry);
    const greetings = this.counts.total(entry, GREETINGS);
    const lookUps = this.counts.total(entry, LOOK_UPS);
    const what =
      greetings > 0
        ? `was greeted by ${readable(different)} mail servers`
        : `asked for the mail servers of ${readable(different)} domains`;
    return {
      entity: entry.client,
      severity: this.magnitude(entry, config) >= MEDIUM_MAGNITUDE ? 'medium' : 'low',
      confidence: 0.5,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [entry.client],
      targets: [],
      title: `${entry.client} delivers mail to many servers`,
      summary: `${entry.client} ${what} within ${KEYED_WINDOW_S} s, which only mail servers and senders of spam do.`,
      evidence: [
        { measure: 'different servers, or domains', unit: '1', value: different, normal: 1, threshold: least },
        { measure: 'greetings of mail servers', unit: 'connection', value: greetings },
        { measure: 'look-ups of mail exchanges', unit: 'query', value: lookUps },
      ],
      counterfactual: `Fewer than ${least} of them in ${KEYED_WINDOW_S} s.`,
      flows: [],
    };
  }
}
