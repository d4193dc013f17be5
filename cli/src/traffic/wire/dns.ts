/** DNS messages (RFC 1035): as much as the simulation says. */
import { ascii, concat, uint16, uint32 } from './bytes.js';

export const DnsType = { a: 1, cname: 5, null: 10, ptr: 12, txt: 16, aaaa: 28, https: 65 } as const;

export interface DnsQuestion {
  readonly id: number;
  readonly name: string;
  readonly type: number;
}

/** One answer; `owner` is the name it is about, absent for the name asked. */
export interface DnsRecord {
  readonly type: number;
  readonly data: Uint8Array;
  readonly ttlS: number;
  readonly owner?: string;
}

/** A name as length-prefixed labels. Labels must have 1..63 bytes and the whole at most 255. */
export function dnsName(name: string): Uint8Array {
  const parts = name.split('.').map((label) => {
    if (label.length < 1 || label.length > 63) throw new RangeError(`a DNS label has 1..63 bytes, not "${label}"`);
    return concat([Uint8Array.of(label.length), ascii(label)]);
  });
  return concat([...parts, Uint8Array.of(0)]);
}

/** TXT data: character strings of at most 255 bytes each. */
export function txtData(text: string): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < text.length; at += 255) {
    const piece = ascii(text.slice(at, at + 255));
    parts.push(Uint8Array.of(piece.length), piece);
  }
  return concat(parts);
}

/** A recursive query with an EDNS record where `edns` says so (RFC 6891, 1,232 bytes). */
export function dnsQuery(question: DnsQuestion, edns = false): Uint8Array {
  const counts = [1, 0, 0, edns ? 1 : 0].map(uint16);
  const opt = edns ? [Uint8Array.of(0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0)] : [];
  return concat([uint16(question.id), uint16(0x0100), ...counts, questionBytes(question), ...opt]);
}

/** The answer; without records and `exists: false` it is NXDOMAIN, with a SOA of the parent zone as the reason. */
export function dnsAnswer(question: DnsQuestion, records: readonly DnsRecord[], exists = true): Uint8Array {
  const flags = exists ? 0x8180 : 0x8183;
  const authority = records.length === 0 ? [soaRecord(question.name)] : [];
  const counts = [1, records.length, authority.length, 0].map(uint16);
  const answers = records.map(recordBytes);
  return concat([uint16(question.id), uint16(flags), ...counts, questionBytes(question), ...answers, ...authority]);
}

function questionBytes(question: DnsQuestion): Uint8Array {
  return concat([dnsName(question.name), uint16(question.type), uint16(1)]);
}

function recordBytes(record: DnsRecord): Uint8Array {
  const owner = record.owner === undefined ? Uint8Array.of(0xc0, 12) : dnsName(record.owner);
  return concat([owner, uint16(record.type), uint16(1), uint32(record.ttlS), uint16(record.data.length), record.data]);
}

function soaRecord(name: string): Uint8Array {
  const zone = name.split('.').slice(-2).join('.');
  const numbers = [2024051501, 7200, 3600, 1209600, 300].map(uint32);
  const data = concat([dnsName(`ns1.${zone}`), dnsName(`hostmaster.${zone}`), ...numbers]);
  return recordBytes({ type: 6, data, ttlS: 300, owner: zone });
}
