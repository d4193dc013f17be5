import { type BatchHeader, ConformanceBreach, END_OF_TIME_S, type PacketTable } from '@weir/contracts';
import { type FlowPartitionState, initialFlowState } from './state.js';

/**
 * Whether a batch is to be taken. Within a run of the sensor its number tells: repeats are dropped and gaps counted. The
 * first batch of another run begins to count anew; and time too, where the run before came to its end.
 */
export function acceptBatch(state: FlowPartitionState, header: BatchHeader): boolean {
  if (header.epoch !== state.epoch) beginRun(state, header);
  const hasEnded = state.watermarkS === END_OF_TIME_S;
  if (hasEnded || header.sequence < state.nextSequence) {
    state.counters.batchesRepeated++;
    return false;
  }
  state.counters.batchesMissing += header.sequence - state.nextSequence;
  state.nextSequence = header.sequence + 1;
  return true;
}

function beginRun(state: FlowPartitionState, { epoch, partitions }: BatchHeader): void {
  if (state.watermarkS === END_OF_TIME_S) {
    const { core, counters } = state;
    core.exports.reset();
    Object.assign(state, initialFlowState(state.address, core), { counters });
  }
  // A run that broke off leaves its flows behind: connections outlive an agent.
  Object.assign(state, { epoch, partitions, nextSequence: 0, nextHostSequence: 0 });
}

/**
 * Gives packets from before the watermark that the partition has reached the watermark's time, and marks them late. Only a
 * run that follows one that broke off can bring such; its batches are behind as a whole.
 */
export function raiseLatePackets({ watermarkS: reachedS }: FlowPartitionState, packets: PacketTable): void {
  const { timeUs, watermarkS, conformance } = packets.columns;
  if (packets.count === 0 || watermarkS[0]! >= reachedS) return;
  for (let i = 0; i < packets.count; i++) {
    if (timeUs[i]! >= reachedS * 1e6) continue;
    timeUs[i] = reachedS * 1e6;
    conformance[i]! |= ConformanceBreach.timeLate;
  }
}
