import { flowAddress, hostPartitionAddress, incidentAddress, type SensorBatch } from '@weir/contracts';
import type { DetectionConfig } from '../../config.js';
import { createFlowFunction, type FlowPartitionState } from '../../flow/index.js';
import {
  createHostFunction,
  type HostPartitionState,
  type HostSettings,
  type SensorPartitions,
} from '../../host/index.js';
import { createIncidentFunction, type IncidentPartitionState } from '../../incident/index.js';
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
  /** `flow` stops after the flow function (for measuring). Default: `all`. */
  stages?: 'flow' | 'all';
  /** Which flow records are written. Default: `ended`. */
  records?: 'none' | 'ended' | 'all';
  /** Which windows are told. Default: `none`. */
  windows?: HostSettings['windows'];
}

/** The functions in one process: each batch is carried through all of them before `deliver` returns. */
export class EmbeddedRuntime implements Runtime {
  private readonly flows: Addresses<FlowPartitionState, SensorBatch, FlowOutput>;
  private readonly hosts: Addresses<HostPartitionState, HostInput, HostOutput>;
  private readonly incidents: Addresses<IncidentPartitionState, IncidentInput, IncidentOutput>;
  private readonly sink: RuntimeSink;
  private readonly stages: 'flow' | 'all';

  constructor(options: EmbeddedOptions) {
    const { config, sensor = 'local', flowPartitions = 1, hostPartitions = 1, incidentPartitions = 1 } = options;
    this.sink = options.sink;
    this.stages = options.stages ?? 'all';
    const names = (n: number, name: (k: number) => string) => Array.from({ length: n }, (_, k) => name(k));
    this.flows = new Addresses(
      createFlowFunction({ ...config.flow, hostPartitions, records: options.records ?? 'ended' }),
    );
    this.hosts = new Addresses(
      createHostFunction({
        host: config.host,
        allowedLatenessMs: config.allowedLatenessMs,
        incidentPartitions,
        sensors: options.sensors ?? [{ name: sensor, partitions: flowPartitions }],
        windows: options.windows ?? 'none',
      }),
    );
    this.incidents = new Addresses(
      createIncidentFunction({ ...config.incident, upstreams: names(hostPartitions, hostPartitionAddress) }),
    );
  }

  deliver(batch: SensorBatch): void {
    const { sensor, partition } = batch.header;
    this.sink.sensorCounters?.(sensor, batch.counters);
    this.flows.send(flowAddress(sensor, partition), batch, this.fromFlow);
  }

  private readonly fromFlow = (output: FlowOutput): void => {
    switch (output.kind) {
      case 'host-batch':
        if (this.stages === 'all') this.hosts.send(hostPartitionAddress(output.partition), output, this.fromHost);
        return;
      case 'flow-records':
        this.sink.flowRecords?.(output.sensor, output.records);
    }
  };

  private readonly fromHost = (output: HostOutput): void => {
    switch (output.kind) {
      case 'alert-batch':
        this.incidents.send(incidentAddress(output.partition), output, this.fromIncident);
        return;
      case 'window-closed':
        this.sink.window?.(output.window);
    }
  };

  private readonly fromIncident = (output: IncidentOutput): void => this.sink.incident(output);
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
