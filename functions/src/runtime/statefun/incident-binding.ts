import { ContractError, parseControl, StatefunType, Topic } from '@weir/contracts';
import { createIncidentFunction, type IncidentPartitionState, type IncidentSettings } from '../../incident/index.js';
import type { IncidentInput } from '../port.js';
import { decodeAlertBatch } from './alert-batch.js';
import type { Binding } from './binding.js';
import { partitionRefusal, textOf } from './partition-id.js';

/** The incident function as Flink calls it: alert batches and controls in; `anomaly_alerts` out. */
export function bindIncident(
  settings: IncidentSettings,
  partitions: number,
): Binding<IncidentPartitionState, IncidentInput> {
  const fn = createIncidentFunction(settings);
  return {
    name: fn.name,
    initialState: fn.initialState,
    encode: fn.encode,
    decode: fn.decode,
    refusalOf: (id) => partitionRefusal('incident', id, partitions),
    read: readIncidentInput,
    apply: (state, input, outgoing) =>
      fn.transition(state, input, ({ incident }) => outgoing.record(Topic.anomalyAlerts, incident.id, incident)),
  };
}

function readIncidentInput(type: string, bytes: Uint8Array): IncidentInput {
  switch (type) {
    case StatefunType.alertBatch:
      return { kind: 'alert-batch', batch: decodeAlertBatch(bytes) };
    case StatefunType.control:
      return parseControl(textOf(bytes));
  }
  throw new ContractError(
    `"${type}" is no type of message for an incident partition. Expected ${StatefunType.alertBatch}.`,
  );
}
