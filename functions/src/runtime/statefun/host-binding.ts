import {
  ContractError,
  decodeHostBatch,
  parseControl,
  StatefunFunction,
  StatefunType,
  Topic,
  type TrafficWindow,
} from '@weir/contracts';
import { createHostFunction, type HostPartitionState, type HostSettings } from '../../host/index.js';
import type { HostInput, HostOutput } from '../port.js';
import { encodeAlertBatch } from './alert-batch.js';
import type { Binding } from './binding.js';
import { decodeHostMessage } from './host-message.js';
import { partitionRefusal, textOf } from './partition-id.js';
import type { Outgoing } from './reply.js';
import { TimeSender, type TimeSettings } from './score-sender.js';
import { readTick } from './tick.js';

/** How often a host partition looks whether a sensor has fallen silent, in ms of processing time. */
export const TICK_EVERY_MS = 5_000;

/**
 * The host function as Flink calls it: host batches, ticks and controls in; alerts and `normal_traffic` out, and time to those
 * who score.
 */
export function bindHost(
  settings: HostSettings,
  partitions: number,
  scored: TimeSettings | undefined = undefined,
): Binding<HostPartitionState, HostInput> {
  const fn = createHostFunction(scored?.withWindows ? { ...settings, windows: 'all' } : settings);
  const isTold = ({ scope }: TrafficWindow) =>
    settings.windows === 'all' || (settings.windows === 'network' && scope === 'network');
  return {
    name: fn.name,
    initialState: fn.initialState,
    encode: fn.encode,
    decode: fn.decode,
    tickEveryMs: TICK_EVERY_MS,
    refusalOf: (id) => partitionRefusal('host', id, partitions),
    read: readHostInput,
    apply: (state, input, outgoing) => {
      const time = scored && new TimeSender(scored, state, input);
      fn.transition(state, input, (output) => {
        time?.hear(output, outgoing);
        if (output.kind === 'alert-batch' || isTold(output.window)) sendHostOutput(output, outgoing);
      });
    },
  };
}

function readHostInput(type: string, bytes: Uint8Array): HostInput {
  switch (type) {
    case StatefunType.hostRows:
      return { kind: 'host-batch', batch: decodeHostMessage(bytes) };
    // On its way, or in a journal, since an older release.
    case StatefunType.hostBatch:
      return { kind: 'host-batch', batch: decodeHostBatch(bytes) };
    case StatefunType.tick:
      return readTick(bytes);
    case StatefunType.control:
      return parseControl(textOf(bytes));
  }
  throw new ContractError(`"${type}" is no type of message for a host partition. Expected ${StatefunType.hostRows}.`);
}

function sendHostOutput(output: HostOutput, outgoing: Outgoing): void {
  switch (output.kind) {
    case 'alert-batch':
      outgoing.send({
        target: { type: StatefunFunction.incident, id: String(output.partition) },
        type: StatefunType.alertBatch,
        bytes: encodeAlertBatch(output.batch),
      });
      return;
    case 'window-closed':
      outgoing.line(Topic.normalTraffic, windowKey(output.window), output.window);
  }
}

/** Host or network: windows of one key come in the order of time. */
function windowKey({ scope, address }: TrafficWindow): string {
  return address ?? scope;
}
