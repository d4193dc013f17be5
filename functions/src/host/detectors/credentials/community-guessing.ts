import { AmplifierMessage, hashBytes, NoteKind, type NoteTable } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, readable, severityFor } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { pairOfNote } from '../stores/of-note.js';

const QUESTIONS = 0;

/** Questions by SNMP that try one community after the other. */
export class CommunityGuessing implements KeyedDetector<KeyedEntry> {
  readonly name = 'community-guessing';
  readonly kind = 'password-guessing';
  readonly sees =
    'A host that asks another by SNMP under many communities, which are the passwords of its versions 1 and 2.';
  readonly how =
    'Counts the different communities in the questions of each pair of hosts over five minutes. A management station knows one or two of each device, and asks with those, whether the device answers or not.';
  readonly blindTo =
    'SNMP version 3, and one community tried on many hosts (told as a sweep where they do not answer).';
  readonly evadedBy = 'Seven communities in five minutes (eight are told).';
  readonly settings = 'passwordGuessing';
  readonly techniques = [{ id: 'T1110.001', name: 'Brute Force: Password Guessing' }];
  readonly advice = [
    'Find out who runs the source and whether the test was announced.',
    'Look whether the device answered: then its community is known, and what it tells with it.',
    'Use SNMP version 3, or allow questions from the management stations only.',
  ];
  readonly noteKinds = [NoteKind.amplifierMessage];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(1, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    if (c.noteCode[i] !== AmplifierMessage.snmp && c.noteCode[i] !== AmplifierMessage.snmpGetBulk) return;
    const { data, offsets } = c.noteText;
    if (offsets[i] === offsets[i + 1]) return;
    const entry = pairOfNote(this.counts, notes, i);
    if (!entry) return;
    entry.now[QUESTIONS]!++;
    this.counts.addDistinct(entry, hashBytes(data, offsets[i]!, offsets[i + 1]!));
    this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  magnitude(entry: KeyedEntry, { passwordGuessing }: HostConfig): number {
    return this.counts.distinct(entry) / passwordGuessing.communities;
  }

  argue(entry: KeyedEntry, config: HostConfig): Argument {
    const { communities: least } = config.passwordGuessing;
    const communities = this.counts.distinct(entry);
    return {
      entity: `${entry.client} > ${entry.subject}:${entry.port}`,
      severity: severityFor('medium', this.magnitude(entry, config)),
      confidence: 0.9,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [entry.client],
      targets: [entry.subject],
      title: `${entry.client} guesses SNMP communities on ${entry.subject}`,
      summary: `${entry.client} asked ${entry.subject} by SNMP under ${readable(communities)} communities within ${KEYED_WINDOW_S} s.`,
      evidence: [
        { measure: 'different communities', unit: 'community', value: communities, normal: 1, threshold: least },
        {
          measure: 'questions, of each flow those alone that name another community',
          unit: 'message',
          value: this.counts.total(entry, QUESTIONS),
        },
      ],
      counterfactual: `Fewer than ${least} communities in ${KEYED_WINDOW_S} s.`,
      flows: [],
    };
  }
}
