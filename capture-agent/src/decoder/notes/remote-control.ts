/** Bytes in front of what Gh0st packs: five letters, the length of the whole, and the length of what was packed. */
const GH0ST_HEADER_BYTES = 13;
/** Beginning of data packed by zlib at its default level (RFC 1950). */
const ZLIB = 'x\x9c';

/**
 * Name of the program for remote control whose first message this is; undefined of all others. `text` is the payload, a
 * character a byte, `wireBytes` its length on the wire. Both programs are described in public analyses: Gh0st, whose source
 * is public and whose many children change the five letters only, and njRAT, which sets `|'|'|` between its fields.
 */
export function remoteControlOf(text: string, wireBytes: number): string | undefined {
  if (text.startsWith(ZLIB, GH0ST_HEADER_BYTES) && littleEndian(text, 5) === wireBytes) return 'Gh0st';
  if (/^\d{1,7}\0[A-Za-z]{2,10}\|'\|'\|/.test(text)) return 'njRAT';
  return undefined;
}

function littleEndian(text: string, at: number): number {
  let value = 0;
  for (let k = 3; k >= 0; k--) value = value * 256 + text.charCodeAt(at + k);
  return value;
}
