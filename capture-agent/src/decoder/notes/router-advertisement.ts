import { formatAddress, NoteKind } from '@weir/contracts';
import type { Frame } from '../frame.js';
import { writeMac, writeText } from './note-text.js';

/** Of ICMPv6. */
export const ROUTER_ADVERTISEMENT = 134;

/** Positions from the reachable time, eight bytes into the message (RFC 4861 4.2). */
const LIFETIME_AT = -2;
const OPTIONS_AT = 8;
const Option = { sourceLinkAddress: 1, prefix: 3 } as const;
const PREFIX_BYTES = 32;
/** Prefixes that a note holds; routers advertise one or two. */
const MAX_PREFIXES = 4;

/** Notes the router advertisement whose reachable time is at `f.payloadAt`. */
export function noteRouterAdvertisement(f: Frame): void {
  const { bytes, row, view, payloadAt: at } = f;
  f.noteKind[row] = NoteKind.routerAdvertisement;
  f.noteCode[row] = view.getUint16(at + LIFETIME_AT);
  const prefixes: string[] = [];
  let macAt = 0;
  for (let option = at + OPTIONS_AT; option + 8 <= f.end; ) {
    const length = bytes[option + 1]! * 8;
    if (length === 0) break;
    if (bytes[option] === Option.sourceLinkAddress) macAt = option + 2;
    if (bytes[option] === Option.prefix && option + PREFIX_BYTES <= f.end)
      prefixes.push(`${formatAddress(bytes, option + 16)}/${Math.min(128, bytes[option + 2]!)}`);
    option += length;
  }
  f.noteValue[row] = prefixes.length;
  if (macAt === 0) writeText(f, '-');
  else writeMac(f, macAt);
  for (const prefix of prefixes.slice(0, MAX_PREFIXES)) writeText(f, ` ${prefix}`);
}
