import { type FlowRecordTable, SEQUENCE_PACKETS } from '@weir/contracts';

/** Writes the features of the list `sequence` for record `i` at `out[at ..]`: sizes, then gaps; NaN past the flow's end. */
export function writeSequenceFeatures(c: FlowRecordTable['columns'], i: number, out: Float32Array, at: number): void {
  out.fill(Number.NaN, at, at + 2 * SEQUENCE_PACKETS);
  const { firstSizes, firstGaps } = c;
  const from = firstSizes.offsets[i]!;
  const packets = Math.min(SEQUENCE_PACKETS, (firstSizes.offsets[i + 1]! - from) >>> 1);
  if (packets === 0) return;
  const sizes = new DataView(firstSizes.data.buffer, firstSizes.data.byteOffset + from, packets * 2);
  const gaps = new DataView(firstGaps.data.buffer, firstGaps.data.byteOffset + firstGaps.offsets[i]!, packets * 4);
  for (let k = 0; k < packets; k++) {
    out[at + k] = sizes.getInt16(2 * k, true);
    out[at + SEQUENCE_PACKETS + k] = gaps.getFloat32(4 * k, true);
  }
}
