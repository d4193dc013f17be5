import { type FeatureListName, StatefunFunction, StatefunType } from '@weir/contracts';
import { FeatureCollector } from '../../features/feature-collector.js';
import type { FeatureRows } from '../../features/feature-rows.js';
import type { HostWindowFacts } from '../../features/window-features.js';
import type { FlowSettings } from '../../flow/config.js';
import type { HostPartitionState } from '../../host/index.js';
import type { Accusation } from '../../score/index.js';
import type { FlowOutput, HostInput, HostOutput, RowMark } from '../port.js';
import type { Outgoing } from './reply.js';
import { encodeScoreRows, encodeScoreTime } from './score-message.js';

/** Id of the one score partition. */
export const SCORE_ID = '0';
const SCORE = { type: StatefunFunction.score, id: SCORE_ID };

/** Makes rows of features of what a flow partition sends, and sends them to those who score. */
export class RowSender {
  private readonly collectors: readonly FeatureCollector[];
  /** The first and the last batch to hosts of the call. */
  private first: RowMark | undefined;
  private last = 0;

  constructor(lists: readonly FeatureListName[], settings: FlowSettings) {
    this.collectors = lists
      .filter((list) => list !== 'host-window')
      .map((list) => new FeatureCollector(list, settings));
  }

  /** A call begins; what one before left when it failed is forgotten. */
  begin(): void {
    this.first = undefined;
    for (const { rows } of this.collectors) rows.clear();
  }

  hear(output: FlowOutput): void {
    if (output.kind === 'flow-records') for (const collector of this.collectors) collector.takeRecords(output.records);
    else if (output.partition === 0) {
      const { upstream, epoch, sequence } = output.batch;
      this.first ??= { upstream, epoch, sequence };
      this.last = sequence;
    }
  }

  /** Sends what was heard; nothing where no batch went to the hosts. */
  send(outgoing: Outgoing): void {
    if (!this.first) return;
    const { upstream, epoch, sequence: first } = this.first;
    const rows = new Map<FeatureListName, FeatureRows>();
    for (const collector of this.collectors) if (collector.rows.count > 0) rows.set(collector.list, collector.rows);
    const bytes = encodeScoreRows({ upstream, epoch, first, last: this.last, rows });
    outgoing.send({ target: SCORE, type: StatefunType.scoreRows, bytes });
  }
}

/** What of a host partition those who score hear. */
export interface TimeSettings {
  readonly incidentPartitions: number;
  /** Whether a model looks at windows of hosts. */
  readonly withWindows: boolean;
}

/**
 * Tells those who score what a host partition does with one input: with each batch of alerts, how far time has come, and
 * which batches of flows that is made of. A batch of a run that must wait for the end of the one before counts when it begins.
 */
export class TimeSender {
  private accusations: Accusation[] = [];
  private windows: HostWindowFacts[] = [];
  /** Upstreams of which a run waits, with the first that does. */
  private held: Map<string, number>;
  private own: RowMark | undefined;

  constructor(
    private readonly settings: TimeSettings,
    private readonly state: HostPartitionState,
    input: HostInput,
  ) {
    const isFirst = state.partition === 0;
    this.held = isFirst ? this.waiting() : new Map();
    if (isFirst && input.kind === 'host-batch') {
      const { upstream, epoch, sequence } = input.batch;
      this.own = { upstream, epoch, sequence };
    }
  }

  hear(output: HostOutput, outgoing: Outgoing): void {
    if (output.kind === 'window-closed') {
      if (this.settings.withWindows && output.window.scope === 'host') this.windows.push(output.window);
      return;
    }
    const { upstream, run, watermarkS, alerts } = output.batch;
    for (const { sources, targets, detectedAtMs } of alerts) this.accusations.push({ sources, targets, detectedAtMs });
    // Of each step there is a batch for every incident partition.
    if (output.partition < this.settings.incidentPartitions - 1) return;
    const { accusations, windows } = this;
    const bytes = encodeScoreTime({ upstream, run, watermarkS, accusations, windows, passed: this.takePassed() });
    outgoing.send({ target: SCORE, type: StatefunType.scoreTime, bytes });
    this.accusations = [];
    this.windows = [];
  }

  private takePassed(): RowMark[] {
    const { nextRuns, queues } = this.state;
    const waiting = this.waiting();
    const begun = [...this.held].filter(([upstream, epoch]) => waiting.get(upstream) !== epoch);
    for (const [upstream] of begun) this.held.delete(upstream);
    for (const [upstream] of begun) if (waiting.has(upstream)) this.held.set(upstream, waiting.get(upstream)!);
    const passed = begun.flatMap(([upstream]) => {
      const queue = queues.get(upstream);
      return queue ? [{ upstream, epoch: queue.epoch, sequence: queue.nextSequence - 1 }] : [];
    });
    const { own } = this;
    if (own && !nextRuns.get(own.upstream)?.some(({ epoch }) => epoch === own.epoch)) {
      passed.unshift(own);
      this.own = undefined;
    }
    return passed;
  }

  private waiting(): Map<string, number> {
    return new Map([...this.state.nextRuns].map(([upstream, [first]]) => [upstream, first!.epoch]));
  }
}
