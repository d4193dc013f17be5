/**
 * Packets built byte by byte, for tests: each function wraps what it carries. Lengths and the IPv4 checksum are right
 * unless a field is given.
 */

export type Bytes = Uint8Array<ArrayBuffer>;

export function bytes(...parts: (number | string | Uint8Array | readonly number[])[]): Bytes {
  return Uint8Array.from(parts.flatMap((part) => toBytes(part)));
}

function toBytes(part: number | string | Uint8Array | readonly number[]): number[] {
  if (typeof part === 'number') return [part];
  return typeof part === 'string' ? [...part].map((c) => c.charCodeAt(0)) : [...part];
}

export function u16(value: number): number[] {
  return [(value >>> 8) & 255, value & 255];
}

export function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value)];
}

export function fill(count: number, value = 0): Bytes {
  return new Uint8Array(count).fill(value);
}

const MAC_A = [2, 0, 0, 0, 0, 1];
const MAC_B = [2, 0, 0, 0, 0, 2];

export function ethernet(payload: Uint8Array, fields: { type?: number; source?: number[] } = {}): Bytes {
  return bytes(MAC_B, fields.source ?? MAC_A, u16(fields.type ?? 0x0800), payload);
}

export function vlan(payload: Uint8Array, fields: { id?: number; type?: number } = {}): Bytes {
  return bytes(u16(fields.id ?? 7), u16(fields.type ?? 0x0800), payload);
}

export interface Ipv4Fields {
  version?: number;
  headerWords?: number;
  totalBytes?: number;
  id?: number;
  flagsAndOffset?: number;
  protocol?: number;
  checksum?: number;
  source?: string;
  destination?: string;
  options?: readonly number[];
}

export function ipv4(payload: Uint8Array, fields: Ipv4Fields = {}): Bytes {
  const options = fields.options ?? [];
  const words = fields.headerWords ?? 5 + options.length / 4;
  const header = bytes(
    ((fields.version ?? 4) << 4) | words,
    0,
    u16(fields.totalBytes ?? 20 + options.length + payload.length),
    u16(fields.id ?? 0x1234),
    u16(fields.flagsAndOffset ?? 0x4000),
    64,
    fields.protocol ?? 6,
    u16(0),
    dotted(fields.source ?? '10.0.0.1'),
    dotted(fields.destination ?? '192.0.2.2'),
    options,
  );
  header.set(u16(fields.checksum ?? internetChecksum(header)), 10);
  return bytes(header, payload);
}

function dotted(text: string): number[] {
  return text.split('.').map(Number);
}

/** RFC 1071. */
export function internetChecksum(data: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 2) sum += (data[i]! << 8) | (data[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export interface Ipv6Fields {
  version?: number;
  payloadBytes?: number;
  next?: number;
  source?: Uint8Array;
  destination?: Uint8Array;
}

const V6_A = bytes([0x20, 0x01, 0x0d, 0xb8], fill(11), 1);
const V6_B = bytes([0x20, 0x01, 0x0d, 0xb8], fill(11), 2);

export function ipv6(payload: Uint8Array, fields: Ipv6Fields = {}): Bytes {
  return bytes(
    (fields.version ?? 6) << 4,
    [0, 0, 0],
    u16(fields.payloadBytes ?? payload.length),
    fields.next ?? 6,
    64,
    fields.source ?? V6_A,
    fields.destination ?? V6_B,
    payload,
  );
}

/** An extension header of 8 bytes, or as many as its data takes. */
export function extension(next: number, payload: Uint8Array, data: Uint8Array = fill(6)): Bytes {
  return bytes(next, (data.length + 2) / 8 - 1, data, payload);
}

export interface TcpFields {
  source?: number;
  destination?: number;
  sequence?: number;
  acknowledgment?: number;
  headerWords?: number;
  flags?: number;
  window?: number;
}

export function tcp(payload: Uint8Array, fields: TcpFields = {}): Bytes {
  const words = fields.headerWords ?? 5;
  return bytes(
    u16(fields.source ?? 40000),
    u16(fields.destination ?? 80),
    u32(fields.sequence ?? 0x89abcdef),
    u32(fields.acknowledgment ?? 0xfedcba98),
    words << 4,
    fields.flags ?? 0x18,
    u16(fields.window ?? 0xfff0),
    [0, 0, 0, 0],
    fill(Math.max(0, words * 4 - 20), 1),
    payload,
  );
}

export function udp(
  payload: Uint8Array,
  fields: { source?: number; destination?: number; lengthBytes?: number } = {},
): Bytes {
  const { source = 40000, destination = 9999, lengthBytes = 8 + payload.length } = fields;
  return bytes(u16(source), u16(destination), u16(lengthBytes), [0, 0], payload);
}

export function icmp(type: number, code: number, rest: Uint8Array): Bytes {
  return bytes(type, code, [0, 0], rest);
}

/** Labels of a domain name; no compression. */
export function domain(name: string): Bytes {
  return bytes(...name.split('.').flatMap((label) => [label.length, label]), 0);
}

export interface DnsFields {
  flags?: number;
  questions?: readonly Uint8Array[];
  answers?: readonly Uint8Array[];
  counts?: readonly number[];
}

export function dns({ flags = 0x0100, questions = [], answers = [], counts }: DnsFields): Bytes {
  const [qd, an, ns, ar] = counts ?? [questions.length, answers.length, 0, 0];
  return bytes(u16(0xbeef), u16(flags), u16(qd!), u16(an!), u16(ns!), u16(ar!), ...questions, ...answers);
}

export function question(name: Uint8Array, type = 1): Bytes {
  return bytes(name, u16(type), u16(1));
}

export function record(name: Uint8Array, type: number, data: Uint8Array): Bytes {
  return bytes(name, u16(type), u16(1), u32(300), u16(data.length), data);
}

export function arp(fields: { operation?: number; addressBytes?: number; target?: number[] } = {}): Bytes {
  const { operation = 1, addressBytes = 4, target = [10, 0, 0, 2] } = fields;
  const hardware = [2, 0, 0, 0xab, 0xcd, 0xef];
  return bytes(u16(1), u16(0x0800), 6, addressBytes, u16(operation), hardware, [10, 0, 0, 1], fill(6), target);
}
