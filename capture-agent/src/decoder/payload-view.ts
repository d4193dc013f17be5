import { PayloadGuess } from '@weir/contracts';

/** Bytes that decide whether a payload is text. */
const TEXT_BYTES = 48;

/** Four characters as a signed 32-bit integer in network order, as DataView.getInt32 reads them. */
export function word(text: string): number {
  return new DataView(Uint8Array.from(text, (c) => c.charCodeAt(0)).buffer).getInt32(0);
}

/** Where a payload lies. `wireBytes` counts what was on the wire; `port` is the server's: the lower of the two. */
export interface PayloadView {
  bytes: Uint8Array;
  view: DataView;
  at: number;
  end: number;
  wireBytes: number;
  port: number;
  otherPort: number;
}

const [INVI, REGI, SUBS, ACK, BYE, CANC, SIP, NOTI] = [
  'INVI',
  'REGI',
  'SUBS',
  'ACK ',
  'BYE ',
  'CANC',
  'SIP/',
  'NOTI',
].map(word);

/** SIP requests and responses (RFC 3261 7); 0 for none. */
export function guessSip(p: PayloadView, first: number): number {
  switch (first) {
    case SIP:
      return PayloadGuess.sip;
    case INVI:
      return has(p, 4, 'TE sip') ? PayloadGuess.sip : 0;
    case REGI:
      return has(p, 4, 'STER sip') ? PayloadGuess.sip : 0;
    case SUBS:
      return has(p, 4, 'CRIBE sip') ? PayloadGuess.sip : 0;
    case CANC:
      return has(p, 4, 'EL sip') ? PayloadGuess.sip : 0;
    case ACK:
    case BYE:
      return has(p, 4, 'sip') ? PayloadGuess.sip : 0;
    case NOTI:
      return has(p, 4, 'FY sip') ? PayloadGuess.sip : 0;
    default:
      return 0;
  }
}

/** Text when its first bytes are printable ASCII, line ends, tabs or UTF-8 sequences (RFC 3629 4). */
export function guessText({ bytes, at, end }: PayloadView): number {
  const limit = Math.min(end, at + TEXT_BYTES);
  let continuations = 0;
  for (let i = at; i < limit; i++) {
    const byte = bytes[i]!;
    if (continuations > 0) {
      if ((byte & 0xc0) !== 0x80) return PayloadGuess.unknown;
      continuations--;
    } else if (byte >= 0x7f) {
      if (byte < 0xc2 || byte > 0xf4) return PayloadGuess.unknown;
      continuations = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    } else if (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13) return PayloadGuess.unknown;
  }
  return PayloadGuess.text;
}

/** Whether the payload holds `text` at `offset`. */
export function has(p: PayloadView, offset: number, text: string): boolean {
  return hasAt(p, p.at + offset, text);
}

/** Whether `text` lies at the position `at` of the bytes. */
export function hasAt({ bytes, end }: PayloadView, at: number, text: string): boolean {
  if (at + text.length > end) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}
