import { finish, formatAddress, hashAddress, hashBytes, mix, NoteKind, type NoteTable } from '@weir/contracts';
import type { HostConfig } from '../../config.js';
import type { Argument } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { FirstSeen, type SightingEntry } from '../stores/first-seen.js';

/** First labels by which public resolvers name their service of DNS over HTTPS. */
const RESOLVER_NAME = /^(doh\d*|dns(over)?(https|tls)?\d*|odoh|resolver\d*)[.-]|[.-](doh|dns)\./;
const SPACE = 0x20;
const DNS_OVER_TLS = 853;

/** Look-ups that go past the resolver of the network, encrypted. */
export class EncryptedDns implements KeyedDetector<SightingEntry> {
  readonly name = 'doh';
  readonly kind = 'rare-destination';
  readonly sees =
    'A host that begins to use an encrypted resolver (DNS over TLS, or HTTPS to a name of one) that it has not used for 30 days.';
  readonly how =
    'TLS hellos to port 853, or for a name such as doh.… or dns.…, are remembered by host. For the first day of a host nothing is told.';
  readonly blindTo = 'Resolvers under names that do not say so, reached by address, or over QUIC.';
  readonly evadedBy = 'A resolver under an innocent name.';
  readonly techniques = [{ id: 'T1071.004', name: 'Application Layer Protocol: DNS' }];
  readonly advice = [
    'Find the program that does so; browsers do by their own settings.',
    'Where look-ups must be seen, block such resolvers and announce that they are not wanted.',
  ];
  readonly noteKinds = [NoteKind.tlsClientHello];
  readonly counts: FirstSeen;

  constructor({ maxLastingKeys, learning }: HostConfig) {
    this.counts = new FirstSeen({
      maxKeys: maxLastingKeys,
      learnS: learning.hours * 3600,
      rememberS: learning.rememberDays * 86_400,
    });
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    const { data, offsets } = c.noteText;
    const space = data.indexOf(SPACE, offsets[i]!);
    const start = space < 0 ? offsets[i + 1]! : Math.min(space + 1, offsets[i + 1]!);
    const name = Buffer.from(data.buffer, data.byteOffset + start, offsets[i + 1]! - start).toString('latin1');
    const scope = finish(mix(47, hashAddress(c.clientAddress.words, i * 4)));
    const isResolver = c.serverPort[i] === DNS_OVER_TLS || RESOLVER_NAME.test(name);
    // Every hello makes the host known; only those to resolvers are told.
    const key = isResolver ? finish(mix(scope, hashBytes(data, start, offsets[i + 1]!))) : scope;
    this.counts.see(key, scope, c.timeUs[i]!, () => ({
      who: formatAddress(c.clientAddress.bytes, i * 16),
      what: formatAddress(c.serverAddress.bytes, i * 16),
      detail: name,
      port: c.serverPort[i]!,
    }));
  }

  magnitude(entry: SightingEntry): number {
    return entry.about.isNew ? 1 : 0;
  }

  argue(entry: SightingEntry): Argument {
    const { who, what, detail, port } = entry.about;
    entry.about.isNew = false;
    return {
      entity: `${who} > ${detail || what}`,
      severity: 'info',
      confidence: 0.6,
      startUs: entry.firstUs,
      endUs: entry.lastUs,
      sources: [who],
      targets: [what],
      title: `${who} looks up names past this network's resolver`,
      summary: `${who} connected to ${detail || what} (${what}, port ${port}), an encrypted resolver that it had not used before.`,
      evidence: [{ measure: 'connections to it before', unit: 'connection', value: 0 }],
      counterfactual: 'Look-ups by the resolver of this network, or by one that this host has used before.',
      flows: [],
    };
  }
}
