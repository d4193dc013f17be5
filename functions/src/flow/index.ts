import { isFlowRowBatch, type SensorBatch } from '@weir/contracts';
import type { FlowOutput, StatefulFunction } from '../runtime/port.js';
import type { FlowConfig } from './config.js';
import { CorePool } from './core-pool.js';
import { FlowRowTransition } from './flow-rows.js';
import { decodeFlowState, encodeFlowState, type FlowPartitionState, initialFlowState } from './state.js';
import { FlowTransition } from './transition.js';

export type { FlowConfig } from './config.js';
export type { FlowPartitionState } from './state.js';

/**
 * The flow function: folds the packets of a partition into flows, or takes flows as they are told, and tells hosts what
 * their flows do.
 */
export function createFlowFunction(config: FlowConfig): StatefulFunction<FlowPartitionState, SensorBatch, FlowOutput> {
  const packets = new FlowTransition(config);
  const rows = new FlowRowTransition(config, packets);
  const cores = new CorePool(config);
  return {
    name: 'flow',
    initialState: (address) => initialFlowState(address, cores.take()),
    transition: (state, batch, emit) =>
      isFlowRowBatch(batch) ? rows.run(state, batch, emit) : packets.run(state, batch, emit),
    encode: encodeFlowState,
    decode: (bytes) => decodeFlowState(bytes, cores.take(), config),
    release: ({ core }) => cores.giveBack(core),
  };
}
