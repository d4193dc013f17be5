import { finish, formatAddress, hashAddress, hashBytes, mix, NoteKind, type NoteTable } from '@weir/contracts';
import type { HostConfig } from '../../config.js';
import type { Argument } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { FirstSeen, type SightingEntry } from '../stores/first-seen.js';

const SPACE = 0x20;
/** Length of a JA4 fingerprint: three parts of 10, 12 and 12 characters. */
const JA4_LENGTH = 36;

/** A program that speaks TLS as none on this host has before. */
export class RareTlsClient implements KeyedDetector<SightingEntry> {
  readonly name = 'rare-tls-client';
  readonly kind = 'rare-tls-client';
  readonly sees =
    'A TLS client of a kind (JA4) that was not seen on this host for 30 days, though the host has been known for longer than a day.';
  readonly how =
    'JA4 sums up how a program says hello: versions, ciphers and extensions that it offers. The kinds of each host are remembered.';
  readonly blindTo =
    'Programs that use the library of the system or imitate a browser. Every update of a browser may bring a new kind: it is of no severity, to be read together with where it went.';
  readonly evadedBy = 'Speaking through the TLS library of the system.';
  readonly techniques = [{ id: 'T1573.002', name: 'Encrypted Channel: Asymmetric Cryptography' }];
  readonly advice = ['Look which program was installed or updated on the host at that time, and where it connected.'];
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
    const start = offsets[i]!;
    const end = offsets[i + 1]!;
    if (end - start < JA4_LENGTH || data[start + JA4_LENGTH] !== SPACE) return;
    const scope = finish(mix(41, hashAddress(c.clientAddress.words, i * 4)));
    const key = finish(mix(scope, hashBytes(data, start, start + JA4_LENGTH)));
    this.counts.see(key, scope, c.timeUs[i]!, () => ({
      who: formatAddress(c.clientAddress.bytes, i * 16),
      what: Buffer.from(data.buffer, data.byteOffset + start, JA4_LENGTH).toString('latin1'),
      detail:
        Buffer.from(data.buffer, data.byteOffset + start + JA4_LENGTH + 1, end - start - JA4_LENGTH - 1).toString() ||
        formatAddress(c.serverAddress.bytes, i * 16),
      port: c.serverPort[i]!,
    }));
  }

  magnitude(entry: SightingEntry): number {
    return entry.about.isNew ? 1 : 0;
  }

  argue(entry: SightingEntry, { learning }: HostConfig): Argument {
    const { who, what, detail, port } = entry.about;
    entry.about.isNew = false;
    return {
      entity: `${who} ${what}`,
      severity: 'info',
      confidence: 0.4,
      startUs: entry.firstUs,
      endUs: entry.lastUs,
      sources: [who],
      targets: [],
      title: `A TLS client that is new on ${who}`,
      summary: `A program on ${who} connected to ${detail}, port ${port}, with a TLS hello (JA4 ${what}) that this host has not sent for ${learning.rememberDays} days.`,
      evidence: [{ measure: 'times that this hello was seen on the host before', unit: '1', value: 0, normal: 10 }],
      counterfactual: 'A program that has spoken TLS on this host before.',
      flows: [],
    };
  }
}
