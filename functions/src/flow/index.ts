import type { PacketBatch } from '@weir/contracts';
import type { FlowOutput, StatefulFunction } from '../runtime/port.js';
import type { FlowConfig } from './config.js';
import { decodeFlowState, encodeFlowState, type FlowPartitionState, initialFlowState } from './state.js';
import { FlowTransition } from './transition.js';

export type { FlowConfig } from './config.js';
export type { FlowPartitionState } from './state.js';

/** The flow function: folds the packets of a partition into flows, and tells hosts what their flows do. */
export function createFlowFunction(config: FlowConfig): StatefulFunction<FlowPartitionState, PacketBatch, FlowOutput> {
  const transition = new FlowTransition(config);
  return {
    name: 'flow',
    initialState: (address) => initialFlowState(address, config),
    transition: (state, batch, emit) => transition.run(state, batch, emit),
    encode: encodeFlowState,
    decode: (bytes) => decodeFlowState(bytes, config),
  };
}
