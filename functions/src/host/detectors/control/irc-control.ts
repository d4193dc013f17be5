import { formatEndpoint, LineProtocol, NoteKind, type NoteTable } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, counted } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { serviceOfNote } from '../stores/of-note.js';

/** A host that chats where no chat is expected, as bots do that take their orders from a channel. */
export class IrcControl implements KeyedDetector<KeyedEntry> {
  readonly name = 'irc-control';
  readonly kind = 'command-and-control';
  readonly sees = 'A host that registers with an IRC server; of medium severity on a port that is not one of IRC.';
  readonly how =
    'The capture agent notes when a TCP stream begins with a nickname (RFC 2812). On ports 194, 6660 to 6669, 6697 and 7000 it may be a person who chats, which is low; elsewhere bots do it to pass a filter.';
  readonly blindTo = 'IRC over TLS, and protocols of orders of their own.';
  readonly evadedBy = 'TLS, or any other protocol.';
  readonly techniques = [{ id: 'T1071', name: 'Application Layer Protocol' }];
  readonly advice = [
    'Ask the user of the host whether they chat; a server or a device has no reason to.',
    'Look at the channel that it joined and at what is written there.',
    'Block the server, and look who else connects to it.',
  ];
  readonly noteKinds = [NoteKind.lineCommand];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(1, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    if (c.noteCode[i] !== LineProtocol.irc) return;
    const entry = serviceOfNote(this.counts, notes, i);
    if (!entry) return;
    entry.now[0]!++;
    this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  magnitude(entry: KeyedEntry): number {
    return this.counts.total(entry, 0);
  }

  argue(entry: KeyedEntry): Argument {
    const { client, subject, port } = entry;
    const registrations = this.counts.total(entry, 0);
    const isChat = isChatPort(port);
    return {
      entity: `${client} > ${subject}:${port}`,
      severity: isChat ? 'low' : 'medium',
      confidence: isChat ? 0.3 : 0.7,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [client],
      targets: [subject],
      title: `${client} speaks IRC with ${formatEndpoint(subject, port)}`,
      summary: `${client} registered ${counted(registrations, 'time')} within ${KEYED_WINDOW_S} s with an IRC server at ${subject}, port ${port}${isChat ? '' : ', which is no port of IRC'}.`,
      evidence: [{ measure: 'registrations', unit: 'stream', value: registrations, normal: 0, threshold: 1 }],
      counterfactual: 'A port of IRC, and a person at the keyboard.',
      flows: [],
    };
  }
}

/** IANA registry; 7000 by custom. */
function isChatPort(port: number): boolean {
  return port === 194 || port === 6697 || port === 7000 || (port >= 6660 && port <= 6669);
}
