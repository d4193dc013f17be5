// Sizes and gaps of the first packets of flows, in slots. Only flows of two packets or more take a slot, so that a flood of
// single packets costs nothing here. When all slots are taken, further flows go without.

import { FIRST_PACKETS } from './generated';
import { freeSequences, maxSequences, SEQUENCE_BYTES, sequences } from './memory';
import { FIRST_PAYLOAD_BYTES, SEQUENCE_COUNT, SEQUENCE_SLOT } from './row';

const GAPS: usize = FIRST_PACKETS * 2;
// Largest size that a slot holds; larger ones, which segmentation offload hands over, count as that.
const MAX_SIZE_BYTES: i32 = 32_767;

export let usedSequences: i32 = 0;
export let freeSequenceCount: i32 = 0;

/** Address of a slot's sizes; its gaps follow. `slot` counts from 1. */
export function sizesAt(slot: i32): usize {
  return sequences + <usize>(slot - 1) * SEQUENCE_BYTES;
}

export function gapsAt(slot: i32): usize {
  return sizesAt(slot) + GAPS;
}

/** Keeps payload size (negative from the responder) and gap of one of a flow's first packets. */
export function keepFirstPacket(row: usize, signedBytes: i32, gapMs: f64): void {
  const index = load<i32>(row, SEQUENCE_COUNT);
  store<i32>(row, index + 1, SEQUENCE_COUNT);
  if (index == 0) {
    store<i32>(row, signedBytes, FIRST_PAYLOAD_BYTES);
    return;
  }
  if (index == 1) {
    const taken = takeSlot();
    store<i32>(row, taken, SEQUENCE_SLOT);
    if (taken != 0) setPacket(taken, 0, load<i32>(row, FIRST_PAYLOAD_BYTES), 0);
  }
  const slot = load<i32>(row, SEQUENCE_SLOT);
  if (slot != 0) setPacket(slot, index, signedBytes, gapMs);
}

export function releaseSequence(slot: i32): void {
  if (slot != 0) store<i32>(freeSequences + (<usize>(freeSequenceCount++) << 2), slot);
}

export function restoreSequences(used: i32, free: i32): void {
  usedSequences = used;
  freeSequenceCount = free;
}

/** Zeroes what freed slots hold, which is of no use to anyone. */
export function clearFreeSequences(): void {
  for (let k = 0; k < freeSequenceCount; k++)
    memory.fill(sizesAt(load<i32>(freeSequences + ((<usize>k) << 2))), 0, SEQUENCE_BYTES);
}

/** A slot's number, from 1, or 0 when there is none left. */
function takeSlot(): i32 {
  if (freeSequenceCount > 0) return load<i32>(freeSequences + (<usize>(--freeSequenceCount) << 2));
  return usedSequences == maxSequences ? 0 : ++usedSequences;
}

function setPacket(slot: i32, index: i32, signedBytes: i32, gapMs: f64): void {
  const sizes = sizesAt(slot);
  const bytes = max(-MAX_SIZE_BYTES, min(signedBytes, MAX_SIZE_BYTES));
  store<i16>(sizes + ((<usize>index) << 1), <i16>bytes);
  store<f32>(sizes + GAPS + ((<usize>index) << 2), <f32>gapMs);
}
