import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { FIELD, SET } from '../../fields.js';
import type { HostWindow } from '../../host-window.js';
import { type Argument, readable, severityFor } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';

/** Half of the time over which ports add up. */
const HALF_HOUR_S = 1800;
/** Sources watched at once, at most. Only hosts that probe in every few minutes are. */
const MOST_SOURCES = 1024;

const PROBES = 0;
const WINDOWS = 1;

/** One host tries port after port over an hour, each five minutes too few to be noticed. */
export class SlowScan implements KeyedDetector<KeyedEntry> {
  readonly name = 'slow-scan';
  readonly kind = 'port-scan';
  readonly sees =
    'A host that tries the ports of few hosts over an hour, a port a minute or so, most of which refuse or stay silent.';
  readonly how =
    'Adds up the distinct ports of all windows of five minutes in which a host tried at least two ports of each of its targets and mostly failed. File sharing tries about one port of each peer, and a client whose service is down one port again and again.';
  readonly blindTo =
    'Fewer than 20 ports an hour, or one port of each target in five minutes; scans spread over many sources.';
  readonly evadedBy = 'A port every two and a half minutes (one every 100 s is told).';
  readonly techniques = [{ id: 'T1046', name: 'Network Service Discovery' }];
  readonly advice = [
    'Find out who runs the source: who scans slowly does not want to be seen.',
    'Look at what it reached: the flows that were answered.',
    'Block or isolate the source unless the scan was announced.',
  ];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(2, Math.min(config.maxKeys, MOST_SOURCES), sets);
    this.counts.halfWindowS = HALF_HOUR_S;
  }

  observeWindow(window: HostWindow, { slowScan }: HostConfig): void {
    const pairs = window.distinct(SET.probePairs);
    if (pairs < slowScan.portsPerTarget * window.distinct(SET.probeTargets)) return;
    if (window.failedShare < slowScan.failedShare) return;
    const key = window.addressHash;
    const who = () => ({ client: window.address, subject: window.lastTarget, port: 0 });
    const entry = this.counts.get(key) ?? this.counts.create(key, who());
    if (!entry) return;
    entry.now[PROBES]! += window.at(FIELD.probesOut);
    entry.now[WINDOWS]!++;
    this.counts.addAllDistinct(entry, window.setHandle(SET.probePairs));
    this.counts.touch(entry, window.at(FIELD.firstProbeUs), window.at(FIELD.lastProbeUs));
  }

  magnitude(entry: KeyedEntry, { slowScan }: HostConfig): number {
    // In a single window, port-scan is to speak.
    if (this.counts.total(entry, WINDOWS) < 2) return 0;
    return this.counts.distinct(entry) / slowScan.ports;
  }

  argue(entry: KeyedEntry, { slowScan }: HostConfig): Argument {
    const ports = this.counts.distinct(entry);
    const probes = this.counts.total(entry, PROBES);
    const startUs = this.counts.firstUs(entry);
    const minutes = Math.max(1, (entry.lastUs - startUs) / 60e6);
    return {
      // As a port scan of the same source.
      entity: entry.client,
      severity: severityFor('medium', ports / slowScan.ports, 8),
      confidence: 0.8,
      startUs,
      endUs: entry.lastUs,
      sources: [entry.client],
      targets: [entry.subject],
      title: `${entry.client} scans the ports of ${entry.subject} slowly`,
      summary: `${entry.client} tried ${readable(ports)} ports within ${readable(minutes)} min, ${readable(probes / minutes)} a minute, most of which were refused or not answered.`,
      evidence: [
        {
          measure: 'distinct ports tried without success',
          unit: 'port',
          value: ports,
          normal: 3,
          threshold: slowScan.ports,
        },
        { measure: 'probes', unit: 'flow', value: probes },
      ],
      counterfactual: `Fewer than ${slowScan.ports} ports without an answer in an hour.`,
      flows: [],
    };
  }
}
