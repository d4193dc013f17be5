import {
  type ActivityTable,
  CONFORMANCE_BREACHES,
  ConformanceBreach,
  FlowEvent,
  finish,
  formatAddress,
  hashAddress,
  mix,
  Protocol,
} from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { isReflected } from '../../reflectors.js';
import { type Argument, counted, severityFor } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { flowsOf, keepFlow } from '../stores/kept-flows.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';

/** Breaches by which packets are made to confuse or crash, and what each counts: one of the first two alone is enough. */
const WEIGHTS: readonly { readonly bit: number; readonly weight: number }[] = [
  { bit: ConformanceBreach.fragmentOverlapping, weight: 10 },
  { bit: ConformanceBreach.ipSourceIsDestination, weight: 10 },
  { bit: ConformanceBreach.fragmentTiny, weight: 5 },
  { bit: ConformanceBreach.ipOptionsMalformed, weight: 2 },
  { bit: ConformanceBreach.tunnelMalformed, weight: 1 },
  { bit: ConformanceBreach.dnsMalformed, weight: 1 },
  { bit: ConformanceBreach.icmpMalformed, weight: 1 },
];

/** All of them, for the row that has none. */
export const TELLING_BREACHES = WEIGHTS.reduce((bits, { bit }) => bits | bit, 0);

const WEIGHT = 0;
const ROWS = 1;
/** From here on one counter for each of WEIGHTS. */
const EACH = 2;

/** Packets made to break or to confuse whoever reads them. */
export class ProtocolViolation implements KeyedDetector<KeyedEntry> {
  readonly name = 'protocol-violation';
  readonly kind = 'protocol-violation';
  readonly sees =
    'Packets that no working system sends: fragments that overlap or are too small for their header, TCP from an address to itself (LAND), and many malformed options, tunnels, DNS or ICMP messages.';
  readonly how =
    'Adds up breaches of protocol between two hosts, weighed by how much they mean: an overlapping fragment alone is enough, of malformed messages it takes ten. Flags that only scans use, wrong checksums and truncated packets are left to others or to the counters, as broken equipment causes them too.';
  readonly blindTo = 'What is malformed inside encryption, and breaches that Weir does not know.';
  readonly evadedBy = 'Well-formed packets.';
  readonly techniques = [{ id: 'T1599', name: 'Network Boundary Bridging' }];
  readonly advice = [
    'Look at the packets themselves: whoever sent them made them by hand, or has broken equipment.',
    'Let the firewall reassemble fragments and drop what overlaps.',
  ];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(EACH + WEIGHTS.length, config.maxKeys, sets);
  }

  observeBreach(activity: ActivityTable, i: number): void {
    const c = activity.columns;
    const bits = breachesOf(activity, i);
    if (bits === 0) return;
    const key = finish(
      mix(hashAddress(c.originatorAddress.words, i * 4), hashAddress(c.responderAddress.words, i * 4)),
    );
    const entry =
      this.counts.get(key) ??
      this.counts.create(key, {
        client: formatAddress(c.originatorAddress.bytes, i * 16),
        subject: formatAddress(c.responderAddress.bytes, i * 16),
        port: c.responderPort[i]!,
      });
    if (!entry) return;
    WEIGHTS.forEach(({ bit, weight }, k) => {
      if (!(bits & bit)) return;
      entry.now[WEIGHT]! += weight;
      entry.now[EACH + k]!++;
    });
    entry.now[ROWS]!++;
    this.counts.touch(entry, c.timeUs[i]!, c.lastTimeUs[i]!);
    keepFlow(entry.flows, activity, i);
  }

  magnitude(entry: KeyedEntry, { protocolViolation }: HostConfig): number {
    return this.counts.total(entry, WEIGHT) / protocolViolation.breaches;
  }

  argue(entry: KeyedEntry, { protocolViolation }: HostConfig): Argument {
    const weight = this.counts.total(entry, WEIGHT);
    const seen = WEIGHTS.flatMap(({ bit }, k) => {
      const value = this.counts.total(entry, EACH + k);
      const breach = CONFORMANCE_BREACHES.find(({ name }) => ConformanceBreach[name] === bit)!;
      return value === 0 ? [] : [{ measure: breach.meaning.replace(/\.$/, ''), unit: 'flow second', value, normal: 0 }];
    });
    return {
      entity: `${entry.client} > ${entry.subject}`,
      severity: severityFor('low', weight / protocolViolation.breaches),
      confidence: 0.7,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [entry.client],
      targets: [entry.subject],
      title: `${entry.client} sends ${entry.subject} packets that break protocols`,
      summary: `${entry.client} sent ${entry.subject} packets as no working system makes them, ${counted(this.counts.total(entry, ROWS), 'time')} within ${KEYED_WINDOW_S} s.`,
      evidence: [
        ...seen,
        { measure: 'all, weighed', unit: '1', value: weight, normal: 0, threshold: protocolViolation.breaches },
      ],
      counterfactual: 'Packets that keep to their protocols.',
      flows: flowsOf(entry),
    };
  }
}

/**
 * The telling breaches of a row. BFD echoes go from an address to itself by design (RFC 5880 5): only TCP counts there. A
 * flood of reflected answers is no less one where they are malformed, and is told as what it is.
 */
function breachesOf(activity: ActivityTable, i: number): number {
  const { columns: c } = activity;
  const isUnasked = (c.events[i]! & FlowEvent.unanswered) !== 0 && isReflected(activity, i);
  const bits = c.conformance[i]! & TELLING_BREACHES & (isUnasked ? ~ConformanceBreach.dnsMalformed : -1);
  const isLand = c.protocol[i] === Protocol.tcp && (c.events[i]! & FlowEvent.started) !== 0;
  return isLand ? bits : bits & ~ConformanceBreach.ipSourceIsDestination;
}
