import {
  type BatchHeader,
  ContractError,
  decodeSensorBatch,
  END_OF_TIME_S,
  type FeatureListName,
  type FlowRecordTable,
  flowAddress,
  type SensorBatch,
  type SensorHealth,
  StatefunFunction,
  StatefunType,
  Topic,
} from '@weir/contracts';
import { createFlowFunction, type FlowConfig, type FlowPartitionState } from '../../flow/index.js';
import type { FlowOutput } from '../port.js';
import type { Binding } from './binding.js';
import { writeFlowLines } from './flow-lines.js';
import { encodeHostMessage } from './host-message.js';
import { FULL_RECORD_BYTES, type Outgoing } from './reply.js';
import { RowSender } from './score-sender.js';

/** `<sensor>/<n>`. */
const FLOW_ID = /^[a-z0-9-]{1,32}\/(0|[1-9]\d{0,4})$/;

/**
 * The flow function as Flink calls it: `packets` in; to host partitions, `network_flows` and `sensor_health` out, and rows of
 * the features in `lists` to those who score.
 */
export function bindFlow(
  config: FlowConfig,
  lists: readonly FeatureListName[] | undefined = undefined,
): Binding<FlowPartitionState, SensorBatch> {
  const isTold = config.records !== 'none';
  const fn = createFlowFunction(lists && !isTold ? { ...config, records: 'ended' } : config);
  const rows = lists && new RowSender(lists, config);
  return {
    name: fn.name,
    initialState: fn.initialState,
    encode: fn.encode,
    decode: fn.decode,
    ...(fn.release && { release: fn.release }),
    refusalOf: (id) => (FLOW_ID.test(id) ? undefined : `"${id}" is no flow partition. Send with the key <sensor>/<n>.`),
    read: readSensorBatch,
    apply: (state, batch, outgoing) => {
      const beforeS = state.watermarkS;
      rows?.begin();
      fn.transition(state, batch, (output) => {
        rows?.hear(output);
        if (isTold || output.kind !== 'flow-records') sendFlowOutput(output, outgoing);
      });
      rows?.send(outgoing);
      // The first partition speaks for the sensor; its watermark counts seconds, so that is once a second at most.
      if (batch.header.partition === 0 && state.watermarkS > beforeS) sendHealth(batch, beforeS, outgoing);
    },
  };
}

function readSensorBatch(type: string, bytes: Uint8Array, id: string): SensorBatch {
  if (type !== StatefunType.packetBatch)
    throw new ContractError(
      `"${type}" is no type of message for a flow partition. Expected ${StatefunType.packetBatch}.`,
    );
  const batch = decodeSensorBatch(bytes);
  const address = addressOf(batch.header);
  if (address !== `flow/${id}`)
    throw new ContractError(
      `the batch is for ${address} but came to flow/${id}. Send it with the key of its partition.`,
    );
  return batch;
}

function addressOf({ sensor, partition }: BatchHeader): string {
  return flowAddress(sensor, partition);
}

function sendFlowOutput(output: FlowOutput, outgoing: Outgoing): void {
  switch (output.kind) {
    case 'host-batch':
      outgoing.send({
        target: { type: StatefunFunction.host, id: String(output.partition) },
        type: StatefunType.hostRows,
        bytes: encodeHostMessage(output.batch),
      });
      return;
    case 'flow-records':
      sendRecords(output.sensor, output.records, outgoing);
  }
}

function sendRecords(sensor: string, records: FlowRecordTable, outgoing: Outgoing): void {
  const take = (lines: Uint8Array) => outgoing.lines(Topic.networkFlows, sensor, lines);
  writeFlowLines(sensor, records, { fullBytes: FULL_RECORD_BYTES, take });
}

function sendHealth({ header, counters }: SensorBatch, beforeS: number, outgoing: Outgoing): void {
  // The end of time is no time to show; the sensor was last heard before it.
  const atS = header.watermarkS === END_OF_TIME_S ? beforeS : header.watermarkS;
  const health: SensorHealth = { sensor: header.sensor, atMs: atS * 1000, ...counters, breaches: {} };
  outgoing.record(Topic.sensorHealth, header.sensor, health);
}
