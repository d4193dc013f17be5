import { formatEndpoint, LineProtocol, NoteKind, type NoteTable } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, counted } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { pairOfNote } from '../stores/of-note.js';

/** A host that mines cryptocurrency for a pool. */
export class Mining implements KeyedDetector<KeyedEntry> {
  readonly name = 'mining';
  readonly kind = 'malware';
  readonly sees = 'A host that speaks the protocol of a mining pool (Stratum and its kin), on any port.';
  readonly how =
    'The capture agent notes when the text of a TCP stream begins with a method of mining pools: mining.subscribe, eth_submitLogin, or a login with a password and an agent.';
  readonly blindTo =
    'Pools over TLS, proxies that wrap the protocol, and streams of which the beginning was not captured. Whether the owner of the host wants it to mine, nobody can see.';
  readonly evadedBy = 'TLS, which most pools offer; then a long connection is all that shows.';
  readonly techniques = [{ id: 'T1496', name: 'Resource Hijacking' }];
  readonly advice = [
    'Ask the owner of the host whether it is to mine; look which program takes all of its processor.',
    'If not, find out how the program came there: miners follow a stolen password or an unpatched service.',
    'Block the pool.',
  ];
  readonly noteKinds = [NoteKind.lineCommand];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(1, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    if (c.noteCode[i] !== LineProtocol.mining) return;
    const entry = pairOfNote(this.counts, notes, i);
    if (!entry) return;
    entry.now[0]!++;
    this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  magnitude(entry: KeyedEntry): number {
    return this.counts.total(entry, 0);
  }

  argue(entry: KeyedEntry): Argument {
    const { client, subject, port } = entry;
    const messages = this.counts.total(entry, 0);
    return {
      entity: `${client} > ${subject}:${port}`,
      severity: 'medium',
      confidence: 0.9,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [client],
      targets: [subject],
      title: `${client} mines cryptocurrency for ${formatEndpoint(subject, port)}`,
      summary: `${client} and ${formatEndpoint(subject, port)} began ${counted(messages, 'stream')} within ${KEYED_WINDOW_S} s with messages of a mining pool.`,
      evidence: [{ measure: 'streams that begin so', unit: 'stream', value: messages, normal: 0, threshold: 1 }],
      counterfactual: 'No such message.',
      flows: [],
    };
  }
}
