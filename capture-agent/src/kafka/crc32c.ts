/** CRC-32C's polynomial (Castagnoli), reflected; RFC 3720 B.4. */
const POLYNOMIAL = 0x82f6_3b78;

/** Tables for eight bytes a step: `TABLES[k][b]` is the checksum of byte `b` followed by `k` zero bytes. */
const TABLES = Array.from({ length: 8 }, () => new Int32Array(256));

for (let byte = 0; byte < 256; byte++) {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1;
  TABLES[0]![byte] = sum;
}
for (let byte = 0; byte < 256; byte++) {
  for (let k = 1; k < 8; k++) {
    const before = TABLES[k - 1]![byte]!;
    TABLES[k]![byte] = (before >>> 8) ^ TABLES[0]![before & 255]!;
  }
}
const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as [
  Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array,
]; // biome-ignore format: eight of one kind

/** CRC-32C of `bytes`, eight bytes a step (Kounavis and Berry 2005). Unsigned 32-bit. */
export function crc32c(bytes: Uint8Array): number {
  const whole = bytes.length - (bytes.length % 8);
  let sum = -1;
  let at = 0;
  for (; at < whole; at += 8) {
    sum ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    sum =
      T7[sum & 255]! ^
      T6[(sum >>> 8) & 255]! ^
      T5[(sum >>> 16) & 255]! ^
      T4[sum >>> 24]! ^
      T3[bytes[at + 4]!]! ^
      T2[bytes[at + 5]!]! ^
      T1[bytes[at + 6]!]! ^
      T0[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) sum = T0[(sum ^ bytes[at]!) & 255]! ^ (sum >>> 8);
  return (sum ^ -1) >>> 0;
}
