/** A TLS client hello (RFC 8446 4.1.2) as far as a fingerprint needs it. */

const HEADER_BYTES = 4;
const RANDOM_BYTES = 32;
/** Header, version and random; and the lengths of session id, cipher suites and compression methods. */
const MIN_BYTES = HEADER_BYTES + 2 + RANDOM_BYTES + 4;
/** Entries of one list that are kept: many more than any client offers. */
export const MAX_ENTRIES = 512;

const Extension = { serverName: 0, signatureAlgorithms: 13, applicationProtocols: 16, supportedVersions: 43 } as const;

/** One object serves all messages: positions count from the first byte of the array that was read. */
export class ClientHello {
  /** Whether all of the message was there, and kept to the rules. */
  isWhole = false;
  /** Length of the message as it says, with its header. */
  messageBytes = 0;
  /** Newest version offered; 0 when not even the legacy version was there. */
  version = 0;
  readonly ciphers = new CodeList();
  readonly extensions = new CodeList();
  readonly signatureAlgorithms = new CodeList();
  hasServerName = false;
  serverNameAt = 0;
  serverNameBytes = 0;
  /** First application protocol (RFC 7301). */
  protocolAt = 0;
  protocolBytes = 0;

  private bytes: Uint8Array = new Uint8Array(0);
  private end = 0;

  /** Reads the message at `at`; `end` is where the bytes end that are there. Returns whether it is a client hello at all. */
  read(bytes: Uint8Array, at: number, end: number): boolean {
    this.clear();
    if (at + HEADER_BYTES + 2 + RANDOM_BYTES > end || bytes[at] !== 1) return false;
    this.bytes = bytes;
    this.messageBytes = HEADER_BYTES + (bytes[at + 1]! << 16) + this.u16(at + 2);
    if (this.messageBytes < MIN_BYTES) return false;
    this.end = Math.min(end, at + this.messageBytes);
    this.version = this.u16(at + HEADER_BYTES);
    const isRead = this.readBody(at + HEADER_BYTES + 2 + RANDOM_BYTES);
    this.isWhole = isRead && at + this.messageBytes <= end;
    return true;
  }

  private clear(): void {
    this.isWhole = this.hasServerName = false;
    this.messageBytes = this.version = this.serverNameBytes = this.protocolBytes = 0;
    for (const list of [this.ciphers, this.extensions, this.signatureAlgorithms]) list.count = 0;
  }

  private u16(at: number): number {
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  /** Session id, cipher suites, compression methods, extensions. Returns false when it was cut, or lengths lie. */
  private readBody(sessionAt: number): boolean {
    if (sessionAt >= this.end) return false;
    const ciphersAt = sessionAt + 1 + this.bytes[sessionAt]!;
    if (ciphersAt + 2 > this.end) return false;
    const compressionAt = ciphersAt + 2 + this.u16(ciphersAt);
    if (!this.readCodes(this.ciphers, ciphersAt + 2, compressionAt) || compressionAt >= this.end) return false;
    const extensionsAt = compressionAt + 1 + this.bytes[compressionAt]!;
    // Before TLS 1.2 a hello may end without any (RFC 5246 7.4.1.2).
    if (extensionsAt === this.end) return true;
    if (extensionsAt + 2 > this.end) return false;
    return this.readExtensions(extensionsAt + 2, extensionsAt + 2 + this.u16(extensionsAt));
  }

  private readExtensions(from: number, to: number): boolean {
    let at = from;
    for (; at + 4 <= Math.min(to, this.end); ) {
      const next = at + 4 + this.u16(at + 2);
      this.extensions.add(this.u16(at));
      if (next > to) return false;
      if (next <= this.end && !this.readExtension(this.u16(at), at + 4, next)) return false;
      at = next;
    }
    return at === to && to <= this.end && !this.extensions.isFull;
  }

  private readExtension(type: number, at: number, to: number): boolean {
    switch (type) {
      case Extension.serverName:
        return this.readServerName(at, to);
      case Extension.signatureAlgorithms:
        return at + 2 <= to && this.readCodes(this.signatureAlgorithms, at + 2, Math.min(to, at + 2 + this.u16(at)));
      case Extension.applicationProtocols:
        return this.readProtocols(at, to);
      case Extension.supportedVersions:
        return this.readVersions(at + 1, to);
      default:
        return true;
    }
  }

  /** The first name of the list: type, length, bytes (RFC 6066 3). A list without a name is allowed by some. */
  private readServerName(at: number, to: number): boolean {
    this.hasServerName = true;
    if (at + 5 > to) return true;
    const bytes = this.u16(at + 3);
    if (at + 5 + bytes > to) return false;
    this.serverNameAt = at + 5;
    this.serverNameBytes = bytes;
    return true;
  }

  private readProtocols(at: number, to: number): boolean {
    if (at + 3 > to) return true;
    const bytes = this.bytes[at + 2]!;
    if (at + 3 + bytes > to) return false;
    this.protocolAt = at + 3;
    this.protocolBytes = bytes;
    return true;
  }

  /** The newest counts, whatever their order. */
  private readVersions(at: number, to: number): boolean {
    let newest = 0;
    for (let i = at; i + 2 <= to; i += 2) if (!isGrease(this.u16(i))) newest = Math.max(newest, this.u16(i));
    if (newest !== 0) this.version = newest;
    return true;
  }

  private readCodes(list: CodeList, from: number, to: number): boolean {
    for (let at = from; at + 2 <= Math.min(to, this.end); at += 2) list.add(this.u16(at));
    return to <= this.end && !list.isFull;
  }
}

/** Codes of 16 bit in the order of the message, without GREASE. */
export class CodeList {
  count = 0;
  readonly codes = new Uint16Array(MAX_ENTRIES);

  get isFull(): boolean {
    return this.count === MAX_ENTRIES;
  }

  add(code: number): void {
    if (this.count < MAX_ENTRIES && !isGrease(code)) this.codes[this.count++] = code;
  }
}

/** Values that clients mix in so that servers learn to ignore what they do not know (RFC 8701 2). */
function isGrease(code: number): boolean {
  return (code & 0x0f0f) === 0x0a0a && code >>> 8 === (code & 0xff);
}
