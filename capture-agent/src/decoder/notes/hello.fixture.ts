import * as build from '../packet-builder.js';

const u24 = (value: number) => [value >>> 16, ...build.u16(value & 0xffff)];
/** A list behind its length in two bytes. */
const sized = (...parts: (number | string | Uint8Array | readonly number[])[]) => {
  const list = build.bytes(...parts);
  return build.bytes(build.u16(list.length), list);
};

/** What a test says of a client hello; the defaults have no extension at all. */
export interface HelloFields {
  version?: number;
  ciphers?: readonly number[];
  /** Types in their order; those below get a body. */
  extensions?: readonly number[];
  serverName?: string;
  protocols?: readonly (string | Uint8Array)[];
  versions?: readonly number[];
  signatureAlgorithms?: readonly number[];
  /** Bytes of a key share, which make a hello long. */
  keyBytes?: number;
}

/** A handshake message (RFC 8446 4.1.2). */
export function clientHello(fields: HelloFields): build.Bytes {
  const { version = 0x0303, ciphers = [0x1301], extensions } = fields;
  const body = build.bytes(
    ...[build.u16(version), build.fill(32, 0x5a), 32, build.fill(32, 0xa5)],
    ...[sized(...ciphers.map(build.u16)), 1, 0],
    ...(extensions === undefined ? [] : [sized(...extensions.map((type) => extension(type, fields)))]),
  );
  return build.bytes(1, u24(body.length), body);
}

function extension(type: number, fields: HelloFields): build.Bytes {
  return build.bytes(build.u16(type), sized(extensionBody(type, fields)));
}

function extensionBody(type: number, fields: HelloFields): build.Bytes {
  switch (type) {
    case 0:
      return fields.serverName === undefined ? build.bytes() : sized(0, sized(fields.serverName));
    case 13:
      return sized(...(fields.signatureAlgorithms ?? []).map(build.u16));
    case 16:
      return sized(...(fields.protocols ?? []).flatMap((name) => [name.length, name]));
    case 43:
      return build.bytes(2 * (fields.versions ?? []).length, ...(fields.versions ?? []).map(build.u16));
    case 51:
      return build.fill(fields.keyBytes ?? 38, 7);
    default:
      return build.bytes();
  }
}

/** The message in handshake records of at most `bytesPerRecord`. */
export function records(message: Uint8Array, bytesPerRecord = 0x4000): build.Bytes {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < message.length; at += bytesPerRecord) {
    const part = message.subarray(at, at + bytesPerRecord);
    parts.push(build.bytes([0x16, 3, 1], build.u16(part.length), part));
  }
  return build.bytes(...parts);
}

/** What Chrome 115 offers, as FoxIO's description of JA4 gives it, in the order and with the GREASE that Chrome sends. */
export const CHROME: HelloFields = {
  ciphers: [
    ...[0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014],
    ...[0x009c, 0x009d, 0x002f, 0x0035],
  ],
  extensions: [
    ...[0xcaca, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012, 0x002b],
    ...[0xff01, 0x000b, 0x000a, 0x0015],
  ],
  serverName: 'WWW.Example.com',
  protocols: ['h2', 'http/1.1'],
  versions: [0x6a6a, 0x0304, 0x0303],
  signatureAlgorithms: [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
};
export const CHROME_JA4 = 't13d1516h2_8daaf6152771_e5627efa2ab1';
