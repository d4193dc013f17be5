import { FIELD, mergeBlock, SET } from './fields.js';
import type { HostPartitionState } from './state.js';

/** Merges a host's window `window` into its next longer one; the sets move or merge along. */
export function foldWindow({ hosts, sets, active }: HostPartitionState, row: number, window: number): void {
  const from = hosts.blockAt(row, window);
  const into = hosts.blockAt(row, window + 1);
  if (hosts.blocks[into + FIELD.contributions] === 0) active[window + 1]!.push(row);
  mergeBlock(hosts.blocks, into, from);
  const { setHandles } = hosts;
  const fromSets = hosts.setsAt(row, window);
  const intoSets = hosts.setsAt(row, window + 1);
  for (let k = 0; k < SET.size; k++) {
    const handle = setHandles[fromSets + k]!;
    if (handle === 0) continue;
    if (setHandles[intoSets + k] === 0) setHandles[intoSets + k] = handle;
    else {
      setHandles[intoSets + k] = sets.merge(setHandles[intoSets + k]!, handle);
      sets.release(handle);
    }
    setHandles[fromSets + k] = 0;
  }
}

/** Empties the sets of a host's window. */
export function dropSets({ hosts, sets }: HostPartitionState, row: number, window: number): void {
  const at = hosts.setsAt(row, window);
  const { setHandles } = hosts;
  for (let k = at; k < at + SET.size; k++) {
    const handle = setHandles[k]!;
    if (handle === 0) continue;
    sets.release(handle);
    setHandles[k] = 0;
  }
}
