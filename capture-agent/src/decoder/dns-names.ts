/** What a byte of a DNS label is written as; 0: as `\ddd`, its decimal value. Dot and backslash would be ambiguous bare. */
export const NAME_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x41 && byte <= 0x5a) return byte + 32;
  return byte <= 0x20 || byte >= 0x7f || byte === 0x2e || byte === 0x5c ? 0 : byte;
});
