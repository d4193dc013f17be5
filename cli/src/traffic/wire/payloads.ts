/** Bytes that look like the protocols they stand for, down to what a dissector checks. */
import { Random } from '../random.js';
import { ascii, concat, put16, uint16, uint32 } from './bytes.js';

/**
 * Stands for encrypted or compressed data: slices of one fixed block of random bytes, from a few places. Each packet has
 * the entropy of ciphertext, while the capture as a file still compresses.
 */
const CIPHERTEXT = new Random(1, 'ciphertext').bytes(4096);

/** `length` bytes that look random. */
export function ciphertext(random: Random, length: number): Uint8Array {
  const out = new Uint8Array(length);
  for (let at = 0; at < length; at += 2048) {
    const from = 512 * random.between(0, 4);
    out.set(CIPHERTEXT.subarray(from, from + Math.min(2048, length - at)), at);
  }
  return out;
}

const HTML =
  '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Welcome</title></head>\n<body><h1>News of the day</h1>\n' +
  '<p>The harbour opens at seven. Boats leave every hour, and the last one comes back at nine in the evening.</p>\n';

/** `length` bytes of plain page text. */
export function pageText(length: number): Uint8Array {
  return ascii(HTML.repeat(Math.ceil(length / HTML.length)).slice(0, length));
}

const PNG_HEAD = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** A chunk's length, type and check value (left zero; nobody decodes the picture). */
const PNG_CHUNK_BYTES = 12;

function pngChunk(type: string, data: Uint8Array): Uint8Array {
  return concat([uint32(data.length), ascii(type), data, uint32(0)]);
}

/** `length` bytes (at least 57) of a PNG image: its signature and header, then compressed data. */
export function imageBytes(random: Random, length: number): Uint8Array {
  const header = pngChunk('IHDR', concat([uint32(640), uint32(480), Uint8Array.of(8, 2, 0, 0, 0)]));
  const dataBytes = Math.max(0, length - PNG_HEAD.length - header.length - 2 * PNG_CHUNK_BYTES);
  return concat([
    PNG_HEAD,
    header,
    pngChunk('IDAT', ciphertext(random, dataBytes)),
    pngChunk('IEND', new Uint8Array(0)),
  ]);
}

function vector(lengthBytes: 1 | 2 | 3, body: Uint8Array): Uint8Array {
  return concat([uint32(body.length).subarray(4 - lengthBytes), body]);
}

function tlsExtension(type: number, body: Uint8Array): Uint8Array {
  return concat([uint16(type), vector(2, body)]);
}

function tlsRecord(type: number, version: number, body: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(type), uint16(version), vector(2, body)]);
}

const CIPHER_SUITES = [0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8];

/** A TLS 1.3 ClientHello for `serverName` in one record (RFC 8446); other suites tell another program. */
export function tlsClientHello(serverName: string, random: Random, offered = CIPHER_SUITES): Uint8Array {
  const name = concat([Uint8Array.of(0), vector(2, ascii(serverName))]);
  const protocols = concat(['h2', 'http/1.1'].map((protocol) => vector(1, ascii(protocol))));
  const keyShare = concat([uint16(0x1d), vector(2, ciphertext(random, 32))]);
  const extensions = concat([
    tlsExtension(0, vector(2, name)),
    tlsExtension(10, vector(2, concat([0x1d, 0x17, 0x18].map(uint16)))),
    tlsExtension(13, vector(2, concat([0x0403, 0x0804, 0x0401, 0x0503, 0x0805].map(uint16)))),
    tlsExtension(16, vector(2, protocols)),
    tlsExtension(43, vector(1, concat([0x0304, 0x0303].map(uint16)))),
    tlsExtension(51, vector(2, keyShare)),
  ]);
  const suites = vector(2, concat(offered.map(uint16)));
  const session = vector(1, ciphertext(random, 32));
  const hello = [uint16(0x0303), random.bytes(32), session, suites, vector(1, Uint8Array.of(0)), vector(2, extensions)];
  return tlsRecord(22, 0x0301, concat([Uint8Array.of(1), vector(3, concat(hello))]));
}

/** ServerHello, ChangeCipherSpec and `certificateBytes` of encrypted certificate, as records. */
export function tlsServerFlight(random: Random, certificateBytes: number): Uint8Array {
  const extensions = concat([
    tlsExtension(43, uint16(0x0304)),
    tlsExtension(51, concat([uint16(0x1d), vector(2, ciphertext(random, 32))])),
  ]);
  const session = vector(1, ciphertext(random, 32));
  const hello = [uint16(0x0303), random.bytes(32), session, uint16(0x1301), Uint8Array.of(0), vector(2, extensions)];
  const record = tlsRecord(22, 0x0303, concat([Uint8Array.of(2), vector(3, concat(hello))]));
  return concat([record, tlsRecord(20, 0x0303, Uint8Array.of(1)), tlsData(random, certificateBytes)]);
}

/** ChangeCipherSpec and the encrypted Finished of the client. */
export function tlsClientFinished(random: Random): Uint8Array {
  return concat([tlsRecord(20, 0x0303, Uint8Array.of(1)), tlsData(random, 53)]);
}

/** Application data of `length` bytes in records of at most 16 KiB. */
export function tlsData(random: Random, length: number): Uint8Array {
  const records: Uint8Array[] = [];
  for (let at = 0; at < length; at += 16384) {
    records.push(tlsRecord(23, 0x0303, ciphertext(random, Math.min(16384, length - at))));
  }
  return concat(records);
}

const SSH_METHODS = [
  'curve25519-sha256,ecdh-sha2-nistp256',
  'ssh-ed25519,rsa-sha2-512',
  'chacha20-poly1305@openssh.com,aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com,aes256-gcm@openssh.com',
  'hmac-sha2-256-etm@openssh.com,hmac-sha2-256',
  'hmac-sha2-256-etm@openssh.com,hmac-sha2-256',
  'none,zlib@openssh.com',
  'none,zlib@openssh.com',
  '',
  '',
];

/** What OpenSSH 9 offers, in full: the exchange of a real client has three to four kilobytes. */
const FULL_SSH_METHODS = [
  'sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,' +
    'ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group14-sha256',
  'ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256-cert-v01@openssh.com,rsa-sha2-512-cert-v01@openssh.com,ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256',
  ...Array<string>(2).fill(
    'chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com',
  ),
  ...Array<string>(2).fill(
    'umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512',
  ),
  ...Array<string>(2).fill('none,zlib@openssh.com,zlib'),
  '',
  '',
];

function sshString(bytes: Uint8Array): Uint8Array {
  return concat([uint32(bytes.length), bytes]);
}

/** A plain SSH packet (RFC 4253, 6): length, padding length, payload, padding to a multiple of eight. */
function sshPacket(payload: Uint8Array): Uint8Array {
  const padding = 4 + ((8 - ((payload.length + 5 + 4) % 8)) % 8);
  const length = 1 + payload.length + padding;
  return concat([uint32(length), Uint8Array.of(padding), payload, new Uint8Array(padding)]);
}

/** SSH_MSG_KEXINIT with common methods, or as long as that of a real program. */
export function sshKeyExchangeInit(random: Random, isFull = false): Uint8Array {
  const lists = (isFull ? FULL_SSH_METHODS : SSH_METHODS).map((list) => sshString(ascii(list)));
  return sshPacket(concat([Uint8Array.of(20), random.bytes(16), ...lists, new Uint8Array(5)]));
}

/** The client's half of the Diffie-Hellman exchange (RFC 5656). */
export function sshExchangeStart(random: Random): Uint8Array {
  return sshPacket(concat([Uint8Array.of(30), sshString(ciphertext(random, 32))]));
}

/** The server's half with host key and signature, and NEWKEYS. */
export function sshExchangeReply(random: Random): Uint8Array {
  const method = sshString(ascii('ssh-ed25519'));
  const key = sshString(concat([method, sshString(ciphertext(random, 32))]));
  const signature = sshString(concat([method, sshString(ciphertext(random, 64))]));
  const reply = concat([Uint8Array.of(31), key, sshString(ciphertext(random, 32)), signature]);
  return concat([sshPacket(reply), sshPacket(Uint8Array.of(21))]);
}

/** SSH_MSG_NEWKEYS of the client. */
export function sshNewKeys(): Uint8Array {
  return sshPacket(Uint8Array.of(21));
}

/** An NTP packet (RFC 5905); `mode` 3 asks, 4 answers. `timeUs` since 1970. */
export function ntpPacket(mode: 3 | 4, timeUs: number): Uint8Array {
  const out = new Uint8Array(48);
  const stratum = mode === 4 ? 2 : 0;
  out.set([0x20 | mode, stratum, 6, 0xe9]);
  const seconds = Math.floor(timeUs / 1_000_000) + 2_208_988_800;
  out.set(uint32(seconds), 40);
  put16(out, 44, Math.floor((timeUs % 1_000_000) * 0.065536));
  return out;
}
