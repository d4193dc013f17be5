/** Bytes of a SHA-1 digest. */
export const SHA1_BYTES = 20;
/** Longest message that fits one block beside its end mark and its length. Unit: byte. */
export const MOST_BLOCK_BYTES = 55;

const BLOCK_WORDS = 16;
const SCHEDULE_WORDS = 80;
const schedule = new Int32Array(SCHEDULE_WORDS);

/**
 * SHA-1 (FIPS 180-4) of `message[0, lengthBytes)`, at most 55 bytes, into the first 20 bytes of `digest`. For names that are made by
 * the million: to hand forty bytes to the platform's hash costs several times what hashing them does. Throws a RangeError
 * for a longer message.
 */
export function sha1OfBlock(message: Uint8Array, lengthBytes: number, digest: Uint8Array): void {
  if (lengthBytes > MOST_BLOCK_BYTES)
    throw new RangeError(`${lengthBytes} bytes do not fit one block of SHA-1; at most ${MOST_BLOCK_BYTES} do.`);
  loadBlock(message, lengthBytes);
  compress(digest);
}

/** The message, its end mark and its length in bits as the first words of the schedule; then the words that follow. */
function loadBlock(message: Uint8Array, lengthBytes: number): void {
  for (let word = 0; word < BLOCK_WORDS; word++) schedule[word] = 0;
  for (let at = 0; at < lengthBytes; at++) schedule[at >> 2]! |= message[at]! << (24 - 8 * (at & 3));
  schedule[lengthBytes >> 2]! |= 0x80 << (24 - 8 * (lengthBytes & 3));
  schedule[BLOCK_WORDS - 1] = lengthBytes * 8;
  for (let t = BLOCK_WORDS; t < SCHEDULE_WORDS; t++) {
    const word = schedule[t - 3]! ^ schedule[t - 8]! ^ schedule[t - 14]! ^ schedule[t - 16]!;
    schedule[t] = (word << 1) | (word >>> 31);
  }
}

/** Four times twenty rounds. Each kind has a loop of its own: to ask for the kind in each round takes twice the time. */
function compress(digest: Uint8Array): void {
  let a = 0x67452301 | 0;
  let b = 0xefcdab89 | 0;
  let c = 0x98badcfe | 0;
  let d = 0x10325476 | 0;
  let e = 0xc3d2e1f0 | 0;
  for (let t = 0; t < 20; t++) {
    const next = (((((a << 5) | (a >>> 27)) + ((b & c) | (~b & d))) | 0) + ((e + schedule[t]! + 0x5a827999) | 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let t = 20; t < 40; t++) {
    const next = (((((a << 5) | (a >>> 27)) + (b ^ c ^ d)) | 0) + ((e + schedule[t]! + 0x6ed9eba1) | 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let t = 40; t < 60; t++) {
    const next =
      (((((a << 5) | (a >>> 27)) + ((b & c) | (b & d) | (c & d))) | 0) + ((e + schedule[t]! - 0x70e44324) | 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let t = 60; t < SCHEDULE_WORDS; t++) {
    const next = (((((a << 5) | (a >>> 27)) + (b ^ c ^ d)) | 0) + ((e + schedule[t]! - 0x359d3e2a) | 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  putWord(digest, 0, a + 0x67452301);
  putWord(digest, 4, b + 0xefcdab89);
  putWord(digest, 8, c + 0x98badcfe);
  putWord(digest, 12, d + 0x10325476);
  putWord(digest, 16, e + 0xc3d2e1f0);
}

/** The low 32 bits of `word`, highest byte first. */
function putWord(into: Uint8Array, at: number, word: number): void {
  into[at] = word >>> 24;
  into[at + 1] = word >>> 16;
  into[at + 2] = word >>> 8;
  into[at + 3] = word;
}
