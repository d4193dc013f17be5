import { type Control, flowAddress, hostPartitionAddress, incidentAddress, type SensorBatch } from '@weir/contracts';
import type { DetectionConfig } from '../../config.js';
import { createFlowFunction, type FlowPartitionState } from '../../flow/index.js';
import {
  createHostFunction,
  type HostPartitionState,
  type HostSettings,
  type SensorPartitions,
} from '../../host/index.js';
import { createIncidentFunction, type IncidentPartitionState } from '../../incident/index.js';
import {
  SCORE_ADDRESS,
  type ScoreStatus,
  Scoring,
  type ScoringOptions,
  type Selection,
  type ShadowStatus,
} from '../../score/index.js';
import type {
  FlowOutput,
  HostInput,
  HostOutput,
  IncidentInput,
  IncidentOutput,
  Runtime,
  RuntimeSink,
  StatefulFunction,
} from '../port.js';
import { ScoringStage } from './scoring-stage.js';

/** What an embedded runtime is made of. */
export interface EmbeddedOptions {
  config: DetectionConfig;
  sink: RuntimeSink;
  /** Name of the one sensor, and how many flow partitions it fills. Default: `local`, 1. */
  sensor?: string;
  flowPartitions?: number;
  /** Where there are several sensors: all of them, in place of `sensor` and `flowPartitions`. */
  sensors?: readonly SensorPartitions[];
  hostPartitions?: number;
  incidentPartitions?: number;
  /** For measuring: `flow` stops after the flow function, `count` counts hosts without detectors. Default: `all`. */
  stages?: 'flow' | 'count' | 'all';
  /** Which flow records are written. Default: `ended`. */
  records?: 'none' | 'ended' | 'all';
  /** Which windows are told. Default: `none`. */
  windows?: HostSettings['windows'];
  /** Models that score flows and windows; `settle` must then be awaited between batches. Default: none. */
  scoring?: ScoringOptions | undefined;
}

/**
 * The functions in one process: each batch is carried through all of them before `deliver` returns, but for the models, which
 * come to their answers in `settle`.
 */
export class EmbeddedRuntime implements Runtime {
  private readonly flows: Addresses<FlowPartitionState, SensorBatch, FlowOutput>;
  private readonly hosts: Addresses<HostPartitionState, HostInput, HostOutput>;
  private readonly incidents: Addresses<IncidentPartitionState, IncidentInput, IncidentOutput>;
  private readonly sink: RuntimeSink;
  private readonly stages: Required<EmbeddedOptions>['stages'];
  private readonly hostAddresses: readonly string[];
  private readonly incidentAddresses: readonly string[];
  private readonly stage: ScoringStage | undefined;
  private readonly told: Required<Pick<EmbeddedOptions, 'records' | 'windows'>>;

  constructor(options: EmbeddedOptions) {
    const { config, sensor = 'local', flowPartitions = 1, hostPartitions = 1, incidentPartitions = 1 } = options;
    this.sink = options.sink;
    this.stages = options.stages ?? 'all';
    const names = (n: number, name: (k: number) => string) => Array.from({ length: n }, (_, k) => name(k));
    this.hostAddresses = names(hostPartitions, hostPartitionAddress);
    this.incidentAddresses = names(incidentPartitions, incidentAddress);
    const sensors = options.sensors ?? [{ name: sensor, partitions: flowPartitions }];
    const needs = needsOf(options);
    this.told = { records: options.records ?? 'ended', windows: options.windows ?? 'none' };
    this.stage = options.scoring && this.createStage(options.scoring, options);
    this.flows = new Addresses(createFlowFunction({ ...config.flow, hostPartitions, records: needs.records }));
    this.hosts = new Addresses(
      createHostFunction({
        host: config.host,
        allowedLatenessMs: config.allowedLatenessMs,
        incidentPartitions,
        sensors,
        windows: needs.windows,
        detectors: this.stages === 'count' ? 'none' : 'all',
      }),
    );
    const upstreams = [...this.hostAddresses, ...(this.stage ? [SCORE_ADDRESS] : [])];
    this.incidents = new Addresses(createIncidentFunction({ ...config.incident, upstreams }));
  }

  deliver(batch: SensorBatch): void {
    const { sensor, partition } = batch.header;
    this.sink.sensorCounters?.(sensor, batch.counters);
    this.flows.send(flowAddress(sensor, partition), batch, this.fromFlow);
    this.stage?.pass();
  }

  /** Lets the models score what has been delivered; no batch may be delivered meanwhile. Rejects with a ModelError. */
  async settle(): Promise<void> {
    this.stage?.settle();
  }

  /** From now on these models score. Only where scoring was asked for; not while `settle` is under way. */
  useModels(selections: readonly Selection[]): void {
    this.stage?.scoring.use(selections);
  }

  /** What the models do, one by one. */
  modelStatus(): ScoreStatus[] {
    return this.stage?.scoring.status() ?? [];
  }

  /** Hands what an operator asks for to the partitions that it concerns. Controls of sensors and models pass by. */
  control(control: Control): void {
    if (control.kind === 'thresholds')
      for (const address of this.hostAddresses) this.hosts.send(address, control, this.fromHost);
    if (control.kind === 'suppress' || control.kind === 'unsuppress')
      for (const address of this.incidentAddresses) this.incidents.send(address, control, this.fromIncident);
  }

  /** How models in the shadow differ from those in use; undefined without any. */
  shadowStatus(): ShadowStatus | undefined {
    return this.stage?.scoring.shadowStatus();
  }

  private readonly fromFlow = (output: FlowOutput): void => {
    switch (output.kind) {
      case 'host-batch':
        if (this.stages !== 'flow') this.hosts.send(hostPartitionAddress(output.partition), output, this.fromHost);
        return;
      case 'flow-records':
        this.stage?.scoring.takeRecords(output.records);
        if (this.told.records !== 'none') this.sink.flowRecords?.(output.sensor, output.records);
    }
  };

  private readonly fromHost = (output: HostOutput): void => {
    switch (output.kind) {
      case 'alert-batch':
        this.incidents.send(incidentAddress(output.partition), output, this.fromIncident);
        this.stage?.hear(output.batch);
        return;
      case 'window-closed':
        this.stage?.scoring.takeWindow(output.window);
        if (this.told.windows === 'all' || (this.told.windows === 'network' && output.window.scope === 'network'))
          this.sink.window?.(output.window);
    }
  };

  private readonly fromIncident = (output: IncidentOutput): void => this.sink.incident(output);

  private createStage(scoring: ScoringOptions, options: EmbeddedOptions): ScoringStage {
    const { config, hostPartitions = 1, incidentPartitions = 1, sensor = 'local' } = options;
    const sensors = (options.sensors ?? [{ name: sensor }]).map(({ name }) => name).sort();
    const context = { allowedLatenessMs: config.allowedLatenessMs, sensors };
    return new ScoringStage(new Scoring(scoring, { settings: config.flow, context }), {
      hostPartitions,
      incidentPartitions,
      emit: (partition, batch) =>
        this.incidents.send(incidentAddress(partition), { kind: 'alert-batch', batch }, this.fromIncident),
    });
  }
}

/** Which records and windows are to be made: those that are told, and those that models need. */
function needsOf({ records = 'ended', windows = 'none', scoring }: EmbeddedOptions) {
  const lists = new Set([...(scoring?.selections ?? []), ...(scoring?.shadow ?? [])].map(({ list }) => list));
  const ofFlows = [...lists].some((list) => list !== 'host-window');
  return {
    records: records === 'none' && ofFlows ? ('ended' as const) : records,
    windows: lists.has('host-window') ? ('all' as const) : windows,
  };
}

/** The states of one function, by address. */
class Addresses<State, Input, Output> {
  private readonly states = new Map<string, State>();

  constructor(private readonly fn: StatefulFunction<State, Input, Output>) {}

  send(address: string, input: Input, emit: (output: Output) => void): void {
    let state = this.states.get(address);
    if (state === undefined) {
      state = this.fn.initialState(address);
      this.states.set(address, state);
    }
    this.fn.transition(state, input, emit);
  }
}
