import type { Frame } from '../frame.js';

const FULL_STOP = 0x2e;
const SPACE = 0x20;
const HEX = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/** Full stops stand for what is not printable ASCII, so that a note is always text and harmless on a terminal. */
export function printable(byte: number): number {
  return byte >= 0x20 && byte < 0x7f ? byte : FULL_STOP;
}

/** Appends ASCII text to the row's note. */
export function writeText(f: Frame, text: string): void {
  for (let i = 0; i < text.length; i++) f.text[f.textAt++] = text.charCodeAt(i);
}

/** Appends `word` as text: what is not printable, and blanks, become full stops. */
export function writeWord(f: Frame, word: Uint8Array): void {
  for (const byte of word) f.text[f.textAt++] = byte === SPACE ? FULL_STOP : printable(byte);
}

/** As writeWord, in lower case: names of hosts. */
export function writeName(f: Frame, name: Uint8Array): void {
  for (const byte of name) {
    const isUpper = byte >= 0x41 && byte <= 0x5a;
    f.text[f.textAt++] = isUpper ? byte + 32 : byte === SPACE ? FULL_STOP : printable(byte);
  }
}

/** Appends a byte as two hexadecimal digits. */
export function writeHexByte(f: Frame, byte: number): void {
  f.text[f.textAt++] = HEX[byte >>> 4]!;
  f.text[f.textAt++] = HEX[byte & 15]!;
}

/** Appends the six bytes at `at` as a MAC: `00:11:22:33:44:55`. */
export function writeMac(f: Frame, at: number): void {
  for (let i = 0; i < 6; i++) {
    if (i > 0) f.text[f.textAt++] = 0x3a;
    writeHexByte(f, f.bytes[at + i]!);
  }
}
