import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';

/** Keys of a client's QUIC Initial packets: anybody can derive them from the first connection id (RFC 9001 5.2). */
export interface InitialKeys {
  readonly key: Buffer;
  readonly iv: Buffer;
  readonly headerProtection: Buffer;
}

/** Draft 29 is what was in wide use before version 1. */
export const QuicVersion = { v1: 1, v2: 0x6b3343cf, draft29: 0xff00001d } as const;

/** RFC 9001 5.2, RFC 9369 3.3 and draft-ietf-quic-tls-29 5.2: each version has its salt, and may have its labels. */
const SALTS: Readonly<Record<number, { salt: Buffer; prefix: string }>> = {
  [QuicVersion.v1]: { salt: Buffer.from('38762cf7f55934b34d179ae6a4c80cadccbb7f0a', 'hex'), prefix: 'quic' },
  [QuicVersion.v2]: { salt: Buffer.from('0dede3def700a6db819381be6e269dcbf9bd2ed9', 'hex'), prefix: 'quicv2' },
  [QuicVersion.draft29]: { salt: Buffer.from('afbfec289993d24c9e9786f19c6111e04390a899', 'hex'), prefix: 'quic' },
};

/** Keys for the connection id that the client chose; undefined for versions without known salt. */
export function initialKeys(version: number, connectionId: Uint8Array): InitialKeys | undefined {
  const known = SALTS[version];
  if (known === undefined) return undefined;
  const { salt, prefix } = known;
  const initial = createHmac('sha256', salt).update(connectionId).digest();
  const client = expandLabel(initial, 'client in', 32);
  return {
    key: expandLabel(client, `${prefix} key`, 16),
    iv: expandLabel(client, `${prefix} iv`, 12),
    headerProtection: expandLabel(client, `${prefix} hp`, 16),
  };
}

/** HKDF-Expand-Label with an empty context, for at most one block of output (RFC 8446 7.1, RFC 5869 2.3). */
function expandLabel(secret: Buffer, label: string, bytes: number): Buffer {
  const name = `tls13 ${label}`;
  const info = Buffer.from([0, bytes, name.length, ...Buffer.from(name), 0, 1]);
  return createHmac('sha256', secret).update(info).digest().subarray(0, bytes);
}

/** The mask over a header, from the 16 bytes of ciphertext that it is sampled from (RFC 9001 5.4.3). */
export function headerMask({ headerProtection }: InitialKeys, sample: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-128-ecb', headerProtection, null);
  return cipher.update(sample);
}

/**
 * Decrypts the beginning of a packet's payload. GCM is counter mode with a tag at the end (NIST SP 800-38D 7.2), which a
 * capture that is cut lacks; a forger could make it too, as the keys are public, so it is not asked for.
 */
export function decryptInitial({ key, iv }: InitialKeys, packetNumber: number, ciphertext: Uint8Array): Buffer {
  const counter = Buffer.alloc(16);
  counter.set(iv);
  counter.writeUInt32BE((counter.readUInt32BE(8) ^ packetNumber) >>> 0, 8);
  counter.writeUInt32BE(2, 12);
  return createDecipheriv('aes-128-ctr', key, counter).update(ciphertext);
}
