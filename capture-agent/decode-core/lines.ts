// Lines of text protocols, in the payload in view.

import { end } from './payload';

export const SPACE: i32 = 0x20;
export const LINE_FEED: i32 = 0x0a;
export const CARRIAGE_RETURN: i32 = 0x0d;

/** Where the line after the one at `line` begins; 0 when it was not captured. */
export function lineAfter(line: usize): usize {
  let at = line;
  while (at < end && load<u8>(at) != LINE_FEED) at++;
  return at + 1 < end ? at + 1 : 0;
}

/** Whether the line at `line` begins with `name`, which is in lower case (RFC 9110 5.1: case does not matter). */
export function isField(line: usize, name: string): bool {
  const length = name.length;
  if (line + <usize>length > end) return false;
  for (let k = 0; k < length; k++) if (lowerCase(load<u8>(line + <usize>k)) != name.charCodeAt(k)) return false;
  return true;
}

export function lowerCase(value: i32): i32 {
  return value >= 0x41 && value <= 0x5a ? value + 32 : value;
}
