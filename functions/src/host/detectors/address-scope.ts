/** Whether an address belongs to somebody else: not private, link-local, loopback or group (RFC 6890). Address in 16 bytes at `at`. */
export function isOutside(bytes: Uint8Array, at: number): boolean {
  const isV4 = bytes[at] === 0 && bytes[at + 10] === 0xff && bytes[at + 11] === 0xff;
  return isV4 ? isOutsideV4(bytes[at + 12]!, bytes[at + 13]!) : isOutsideV6(bytes, at);
}

function isOutsideV4(first: number, second: number): boolean {
  if (first === 0 || first === 10 || first === 127 || first >= 224) return false;
  if (first === 100) return second < 64 || second > 127;
  if (first === 169) return second !== 254;
  if (first === 172) return second < 16 || second > 31;
  return first !== 192 || second !== 168;
}

/** Global unicast is 2000::/3 (RFC 4291 2.4). */
function isOutsideV6(bytes: Uint8Array, at: number): boolean {
  return bytes[at]! >> 5 === 1;
}
