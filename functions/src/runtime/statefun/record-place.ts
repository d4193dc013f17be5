/** Where a record lies in its topic. */
export interface RecordPlace {
  readonly partition: number;
  /** Decimal, as it may pass 2^53. */
  readonly offset: string;
}

/** "WKP" and the version, as flink/src/main/java/weir/flink/RoutableRecords.java writes it. */
const PLACE_MARK = 0x574b5001;
const PLACE_BYTES = 16;

/** A value as it was written to Kafka, and its place where that follows it. */
export function withoutPlace(value: Uint8Array): { bytes: Uint8Array; place: RecordPlace | undefined } {
  const end = value.length - PLACE_BYTES;
  if (end < 0) return { bytes: value, place: undefined };
  const view = new DataView(value.buffer, value.byteOffset + end, PLACE_BYTES);
  if (view.getUint32(0) !== PLACE_MARK) return { bytes: value, place: undefined };
  const place = { partition: view.getUint32(4), offset: String(view.getBigUint64(8)) };
  return { bytes: value.subarray(0, end), place };
}
