const VARINT = 0;
const LENGTH_DELIMITED = 2;
const SEVEN_BITS = 0x80;

/**
 * A message of Protocol Buffers (encoding of version 3: what has its default value is left out) as a list of pieces. What
 * is large is not copied until the whole is written to one place: the classes that the SDK generates copy a record of
 * lines three times on its way.
 */
export class WireMessage {
  private readonly pieces: Uint8Array[] = [];
  private length = 0;

  get lengthBytes(): number {
    return this.length;
  }

  /** A whole number from 0 to 2^53 − 1, as enumerations are written too. */
  number(field: number, value: number): void {
    if (value > 0) this.add(Uint8Array.from([...varint(tag(field, VARINT)), ...varint(value)]));
  }

  true(field: number): void {
    this.number(field, 1);
  }

  string(field: number, text: string): void {
    this.bytes(field, Buffer.from(text));
  }

  /** Bytes, in pieces that must not change before the message is written. */
  bytes(field: number, ...pieces: readonly Uint8Array[]): void {
    const lengthBytes = pieces.reduce((sum, { length }) => sum + length, 0);
    if (lengthBytes > 0) this.delimited(field, lengthBytes, pieces);
  }

  /** A message within this one; there even if it says nothing. */
  message(field: number, { pieces, lengthBytes }: WireMessage): void {
    this.delimited(field, lengthBytes, pieces);
  }

  /** Puts the message at the beginning of `into`, which has room for it. */
  writeTo(into: Uint8Array): void {
    let at = 0;
    for (const piece of this.pieces) {
      into.set(piece, at);
      at += piece.length;
    }
  }

  private delimited(field: number, lengthBytes: number, pieces: readonly Uint8Array[]): void {
    this.add(Uint8Array.from([...varint(tag(field, LENGTH_DELIMITED)), ...varint(lengthBytes)]));
    for (const piece of pieces) this.add(piece);
  }

  private add(piece: Uint8Array): void {
    this.pieces.push(piece);
    this.length += piece.length;
  }
}

function tag(field: number, type: number): number {
  return field * 8 + type;
}

/** Seven bits a byte, lowest first. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= SEVEN_BITS; left = Math.floor(left / SEVEN_BITS)) bytes.push((left % SEVEN_BITS) | SEVEN_BITS);
  bytes.push(left);
  return bytes;
}
