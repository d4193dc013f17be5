// What streams begin with that the other side reads: commands of text protocols, shells, programs for remote control.

import { MZ } from './followed-flows';
import { at, byte, size, wireBytes } from './payload';

/**
 * Whether a text that begins with this byte may be one that capture-agent/src/decoder/notes/line-command.ts looks for: line
 * ends, the prompts `$` and `#`, a slash, an opening brace, or a letter.
 */
export function mayBeCommand(first: i32): bool {
  if (first >= 0x41) return first <= 0x5a || first == 0x7b || (first >= 0x61 && first <= 0x7a);
  return (first >= 0x23 && first <= 0x24) || first == 0x2f || first == 0x0a || first == 0x0d;
}

// Least and most bytes of a program that is announced by its length.
const LEAST_STAGE_BYTES: u32 = 0x4000;
const MOST_STAGE_BYTES: u32 = 0x40_0000;

/** Four bytes that may be the length of what comes next, as stagers are sent before their stage. */
export function isLengthAlone(): bool {
  if (wireBytes != 4 || size() != 4) return false;
  const length = load<u32>(at);
  return length >= LEAST_STAGE_BYTES && length <= MOST_STAGE_BYTES;
}

const ZLIB: i32 = 0x9c78;

/** Whether what is no text may be of a program for remote control: a program behind its length, data packed by zlib behind theirs, or digits. */
export function mayBeRemoteControl(): bool {
  if (size() < 16) return false;
  if (load<u16>(at, 4) == MZ || load<u16>(at, 13) == ZLIB) return true;
  return byte(0) >= 0x30 && byte(0) <= 0x39;
}
