import type { HostBatch, PacketBatch } from '@weir/contracts';
import type { FlowOutput } from '../runtime/port.js';
import type { FlowConfig } from './config.js';
import { acceptBatch, raiseLatePackets } from './sensor-runs.js';
import type { FlowPartitionState } from './state.js';

/**
 * The flow function at work on one partition. Everything it does follows from the packets in their order and the
 * watermark that each of them carries, never from where a batch ends; so any batch size gives the same flows. The work on
 * packets is done by the compiled core; this side copies them in and carries out what it has to tell.
 */
export class FlowTransition {
  private state!: FlowPartitionState;
  private batch!: PacketBatch;
  private emit!: (output: FlowOutput) => void;

  constructor(private readonly config: FlowConfig) {}

  run(state: FlowPartitionState, batch: PacketBatch, emit: (output: FlowOutput) => void): void {
    if (!acceptBatch(state, batch.header)) return;
    this.state = state;
    this.batch = batch;
    this.emit = emit;
    state.sensorCounters = { ...batch.counters };
    raiseLatePackets(state, batch.packets);
    this.foldPackets();
    const watermarkS = BigInt(batch.header.watermarkS);
    while (state.core.exports.advanceTo(watermarkS) === 0) this.send();
    this.send();
  }

  private foldPackets(): void {
    const { core, counters } = this.state;
    const { packets } = this.batch;
    for (let from = 0; from < packets.count; ) {
      const staged = core.stage(packets, from);
      for (let next = 0; next < staged; ) {
        next = core.exports.foldPackets(next, staged);
        if (next < staged) this.send();
      }
      from += staged;
    }
    counters.packets += packets.count;
  }

  /** Sends what there is to tell, and forgets it. */
  private send(): void {
    const { state, emit } = this;
    const { core } = state;
    core.readOutbox();
    countFlows(state);
    const sequence = state.nextHostSequence++;
    const watermarkS = Number(core.exports.watermarkS.value);
    state.watermarkS = watermarkS;
    for (let partition = 0; partition < this.config.hostPartitions; partition++) {
      const batch: HostBatch = {
        upstream: state.address,
        sensor: state.sensor,
        partitions: state.partitions,
        epoch: state.epoch,
        sequence,
        watermarkS,
        activity: core.activity[partition]!,
        notes: core.notes[partition]!,
        counters: state.counters,
        sensorCounters: state.sensorCounters,
      };
      emit({ kind: 'host-batch', partition, batch });
    }
    if (core.records.count > 0) emit({ kind: 'flow-records', sensor: state.sensor, records: core.records });
    core.exports.clearOutbox();
  }
}

/** Adds what the core has counted since the last send. */
function countFlows({ core, counters }: FlowPartitionState): void {
  const { flowsLive, flowsStarted, flowsEnded, flowsEvicted, bytes, nonIpPackets } = core.exports;
  counters.flowsLive = flowsLive.value;
  counters.flowsStarted += flowsStarted.value;
  counters.flowsEnded += flowsEnded.value;
  counters.flowsEvicted += flowsEvicted.value;
  counters.bytes += bytes.value;
  counters.nonIpPackets += nonIpPackets.value;
}
