import { createHash } from 'node:crypto';
import { type ClientHello, type CodeList, MAX_ENTRIES } from './client-hello.js';

/**
 * JA4, the fingerprint of a TLS client (FoxIO 2023, technical details "JA4: TLS Client Fingerprint"; BSD 3-clause): what a
 * hello is like in ten characters, the hash of its sorted cipher suites, and the hash of its sorted extensions with the
 * signature algorithms in their order.
 */

const HASH_CHARACTERS = 12;
const NO_HASH = '0'.repeat(HASH_CHARACTERS);

const VERSION_NAMES: Readonly<Record<number, string>> = {
  ...{ 772: '13', 771: '12', 770: '11', 769: '10', 768: 's3', 2: 's2' },
  // DTLS 1.0, 1.2 and 1.3.
  ...{ 65279: 'd1', 65277: 'd2', 65276: 'd3' },
};

/** Server name and application protocols differ by server, so they are counted but not hashed. */
const SERVER_NAME = 0;
const APPLICATION_PROTOCOLS = 16;

/** Clients are few: the hashes of lists that were seen before are kept, and forgotten all at once when these are too many. */
const MAX_KEPT_HASHES = 1024;
const keptHashes = new Map<string, string>();

/** Fingerprint of a whole hello that `bytes` holds. `transport`: `t` for TCP, `q` for QUIC. */
export function ja4(hello: ClientHello, bytes: Uint8Array, transport: 't' | 'q'): string {
  const { ciphers, extensions } = hello;
  const version = VERSION_NAMES[hello.version] ?? '00';
  const counts = twoDigits(ciphers.count) + twoDigits(extensions.count);
  const head = `${transport}${version}${hello.hasServerName ? 'd' : 'i'}${counts}${protocolLetters(hello, bytes)}`;
  return `${head}_${hashes(hello)}`;
}

/** The three lists as bytes: what hashes are kept by. GREASE, which no list holds, stands between them. */
const key = Buffer.alloc(2 * (3 * MAX_ENTRIES + 2));
const SEPARATOR = 0x0a0a;

/** Both hashes. */
function hashes(hello: ClientHello): string {
  const { ciphers, extensions, signatureAlgorithms } = hello;
  sort(ciphers);
  sort(extensions);
  let at = appendCodes(0, ciphers);
  at = appendCodes(appendCode(at, SEPARATOR), extensions);
  at = appendCodes(appendCode(at, SEPARATOR), signatureAlgorithms);
  const lists = key.toString('latin1', 0, at);
  const kept = keptHashes.get(lists);
  if (kept !== undefined) return kept;
  if (keptHashes.size >= MAX_KEPT_HASHES) keptHashes.clear();
  const made = `${shortHash(hexCodes(ciphers))}_${extensionHash(hello)}`;
  keptHashes.set(lists, made);
  return made;
}

function appendCodes(from: number, { codes, count }: CodeList): number {
  let at = from;
  for (let i = 0; i < count; i++) at = appendCode(at, codes[i]!);
  return at;
}

function appendCode(at: number, code: number): number {
  key[at] = code >>> 8;
  key[at + 1] = code;
  return at + 2;
}

/** Puts the codes in ascending order, by insertion: lists are short, and often nearly in order. */
function sort({ codes, count }: CodeList): void {
  for (let i = 1; i < count; i++) {
    const code = codes[i]!;
    let at = i;
    for (; at > 0 && codes[at - 1]! > code; at--) codes[at] = codes[at - 1]!;
    codes[at] = code;
  }
}

function extensionHash({ extensions, signatureAlgorithms }: ClientHello): string {
  const kinds = hexCodes(extensions, (code) => code !== SERVER_NAME && code !== APPLICATION_PROTOCOLS);
  return shortHash(
    kinds === '' || signatureAlgorithms.count === 0 ? kinds : `${kinds}_${hexCodes(signatureAlgorithms)}`,
  );
}

function hexCodes({ codes, count }: CodeList, isWanted = (_code: number) => true): string {
  const wanted = Array.from(codes.subarray(0, count)).filter(isWanted);
  return wanted.map((code) => code.toString(16).padStart(4, '0')).join(',');
}

function twoDigits(count: number): string {
  return count < 10 ? `0${count}` : String(Math.min(count, 99));
}

/** First and last character of the first protocol; where one is no letter or digit, of its hexadecimal form. */
function protocolLetters({ protocolAt, protocolBytes }: ClientHello, bytes: Uint8Array): string {
  if (protocolBytes === 0) return '00';
  const [first, last] = [bytes[protocolAt]!, bytes[protocolAt + protocolBytes - 1]!];
  if (isAlphanumeric(first) && isAlphanumeric(last)) return String.fromCharCode(first, last);
  return (first >>> 4).toString(16) + (last & 15).toString(16);
}

function isAlphanumeric(byte: number): boolean {
  const upper = byte & 0xdf;
  return (byte >= 0x30 && byte <= 0x39) || (upper >= 0x41 && upper <= 0x5a);
}

/** First twelve hexadecimal characters of the SHA-256; zeros of nothing. */
function shortHash(text: string): string {
  return text === '' ? NO_HASH : createHash('sha256').update(text).digest('hex').slice(0, HASH_CHARACTERS);
}
