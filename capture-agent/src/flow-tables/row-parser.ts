import { type FlowRowTable, hashAddress, hashEndpoint, hashFlow, Protocol, TcpFlag } from '@weir/contracts';
import { readAddress } from './address-field.js';
import { isUnset, type RowSpans, readNumber, readText } from './field-text.js';
import { FIELD, FLOW_FIELDS, type FlowField, TIME_UNITS } from './fields.js';
import { readFlags, readHistory, readState } from './flags-field.js';
import { readProtocol } from './protocol-field.js';
import type { TableShape } from './table-shape.js';
import { TimeReader } from './time-field.js';

/**
 * Headers that a packet has, where a table counts either payload or whole packets: Ethernet, IPv4 and the transport
 * without options. What tables call bytes begins at the frame or at the IP header, so this is off by a dozen bytes.
 */
const HEADER_BYTES = { tcp: 54, other: 42 } as const;
/** The longest packet of a TCP handshake. A direction of one or two packets carries payload only beyond that. */
const HANDSHAKE_PACKET_BYTES = 80;
const HANDSHAKE_PACKETS = 2;
const MAX_COUNT = 2 ** 53;
/** About thirty years. */
const MAX_DURATION_US = 1e15;

/** Columns that count the packets with a flag, and the flag. */
const FLAG_COUNTS = [
  [FIELD.finCount, TcpFlag.fin],
  [FIELD.synCount, TcpFlag.syn],
  [FIELD.rstCount, TcpFlag.rst],
  [FIELD.pshCount, TcpFlag.psh],
  [FIELD.ackCount, TcpFlag.ack],
  [FIELD.urgCount, TcpFlag.urg],
] as const;

const EXPECTED: Readonly<Partial<Record<FlowField, string>>> = {
  time: 'a time: seconds (or ms, µs, ns) since 1970, or a date such as 2017-07-03 11:57:51.590705',
  duration: 'a duration, a number from 0',
  originatorAddress: 'an IPv4 or IPv6 address',
  responderAddress: 'an IPv4 or IPv6 address',
  originatorPort: 'a port, a whole number from 0 to 65535',
  responderPort: 'a port, a whole number from 0 to 65535',
  protocol: 'a protocol: tcp, udp, icmp or an IANA number from 0 to 255',
  flags: 'TCP flags such as "SYN,ACK", ".AP.SF" or "0x12", or a state of Zeek such as "S0"',
  state: 'a state of Zeek such as "SF", "S0" or "REJ"',
};

/** What a field should have held. */
export function expectedOf(field: FlowField, shape: TableShape): string {
  const isUnordered = field === 'time' && shape.timeStyle.order === undefined;
  const hint = isUnordered ? ' (of 03/07/2017 a mapping must say whether it is "day-first" or "month-first")' : '';
  return (EXPECTED[field] ?? 'a count, a number from 0') + hint;
}

/** Turns the spans of rows into rows of a FlowRowTable. */
export class RowParser {
  readonly spans: RowSpans = {
    bytes: new Uint8Array(0),
    starts: new Int32Array(FLOW_FIELDS.length).fill(-1),
    ends: new Int32Array(FLOW_FIELDS.length),
  };
  readonly times: TimeReader;
  private readonly hasTime: boolean;
  private readonly durationUs: number;
  private readonly knowsResponder: boolean;
  private readonly flagCounts: readonly (readonly [field: number, flag: number])[];
  private readonly knows: Readonly<Record<'flags' | 'state' | 'history' | 'packets', boolean>>;
  private readonly bytesAre: { originator: Told; responder: Told };
  /** The field that could not be read, after `parse` gave false. */
  wrongField: FlowField = 'time';

  constructor(shape: TableShape) {
    const has = (field: FlowField) => shape.columnNames.has(field);
    this.times = new TimeReader(shape.timeStyle);
    this.hasTime = has('time');
    this.durationUs = TIME_UNITS[shape.durationUnit];
    this.knowsResponder = has('responderPackets') || has('responderBytes') || has('responderPayloadBytes');
    this.flagCounts = FLAG_COUNTS.filter(([field]) => has(FLOW_FIELDS[field]!));
    this.knows = {
      flags: has('flags'),
      state: has('state'),
      history: has('history'),
      packets: has('originatorPackets'),
    };
    this.bytesAre = {
      originator: toldBytes(has('originatorBytes'), has('originatorPayloadBytes')),
      responder: toldBytes(has('responderBytes'), has('responderPayloadBytes')),
    };
  }

  /** Writes the row as row `row` of `table`, at `defaultTimeUs` when it has no time. False leaves what is wrong in `wrongField`. */
  parse(table: FlowRowTable, row: number, defaultTimeUs: number): boolean {
    const c = table.columns;
    c.timeUs[row] = this.hasTime ? this.time() : defaultTimeUs;
    c.watermarkS[row] = 0;
    c.conformance[row] = 0;
    if (Number.isNaN(c.timeUs[row]!)) return this.fail('time');
    if (!this.key(table, row)) return false;
    const duration = this.number(FIELD.duration) * this.durationUs;
    if (!(duration >= 0 && duration <= MAX_DURATION_US)) return this.fail('duration');
    c.durationUs[row] = Math.round(duration);
    c.responderKnown[row] = this.knowsResponder ? 1 : 0;
    return this.counts(table, row) && this.story(table, row);
  }

  private fail(field: FlowField): false {
    this.wrongField = field;
    return false;
  }

  private time(): number {
    const { bytes, starts, ends } = this.spans;
    return this.times.read(bytes, starts[FIELD.time]!, ends[FIELD.time]!);
  }

  /** Addresses, ports and protocol, and the hash of them. */
  private key(table: FlowRowTable, row: number): boolean {
    const c = table.columns;
    const { bytes, starts, ends } = this.spans;
    const from = FIELD.originatorAddress;
    const to = FIELD.responderAddress;
    if (!readAddress(c.originatorAddress, row, bytes, starts[from]!, ends[from]!))
      return this.fail('originatorAddress');
    if (!readAddress(c.responderAddress, row, bytes, starts[to]!, ends[to]!)) return this.fail('responderAddress');
    const source = this.number(FIELD.originatorPort);
    if (!isPort(source)) return this.fail('originatorPort');
    const destination = this.number(FIELD.responderPort);
    if (!isPort(destination)) return this.fail('responderPort');
    const protocol = readProtocol(bytes, starts[FIELD.protocol]!, ends[FIELD.protocol]!);
    if (Number.isNaN(protocol)) return this.fail('protocol');
    c.originatorPort[row] = source;
    c.responderPort[row] = destination;
    c.protocol[row] = protocol;
    const a = hashEndpoint(hashAddress(c.originatorAddress.words, row * 4), source);
    const b = hashEndpoint(hashAddress(c.responderAddress.words, row * 4), destination);
    c.flowHash[row] = hashFlow(a, b, protocol);
    return true;
  }

  private counts(table: FlowRowTable, row: number): boolean {
    const c = table.columns;
    const header = c.protocol[row] === Protocol.tcp ? HEADER_BYTES.tcp : HEADER_BYTES.other;
    const sent = this.knows.packets ? this.number(FIELD.originatorPackets) : 1;
    if (!isCount(sent)) return this.fail('originatorPackets');
    c.originatorPackets[row] = sent;
    const o = this.bytesAre.originator;
    const wire = this.wireBytes(o, sent, header, FIELD.originatorBytes, FIELD.originatorPayloadBytes);
    if (!isCount(wire)) return this.fail(this.wrongBytes('originatorBytes', 'originatorPayloadBytes'));
    c.originatorBytes[row] = wire;
    c.originatorPayloadBytes[row] = this.payloadBytes(o, wire, sent, header, FIELD.originatorPayloadBytes);
    const received = this.receivedPackets();
    if (!isCount(received)) return this.fail('responderPackets');
    c.responderPackets[row] = received;
    const r = this.bytesAre.responder;
    const wireBack = this.wireBytes(r, received, header, FIELD.responderBytes, FIELD.responderPayloadBytes);
    if (!isCount(wireBack)) return this.fail(this.wrongBytes('responderBytes', 'responderPayloadBytes'));
    c.responderBytes[row] = wireBack;
    c.responderPayloadBytes[row] = this.payloadBytes(r, wireBack, received, header, FIELD.responderPayloadBytes);
    return true;
  }

  /** Packets of the responder; when only its bytes are told, one where there are any. */
  private receivedPackets(): number {
    if (this.spans.starts[FIELD.responderPackets]! >= 0) return this.number(FIELD.responderPackets);
    const bytes = this.number(FIELD.responderBytes) + this.number(FIELD.responderPayloadBytes);
    return bytes > 0 ? 1 : 0;
  }

  private wireBytes(told: Told, packets: number, header: number, bytesField: number, payloadField: number): number {
    if (told === 'nothing') return packets * header;
    if (told === 'payload') return this.number(payloadField) + packets * header;
    const payload = told === 'both' ? this.number(payloadField) : 0;
    return isCount(payload) ? this.number(bytesField) : Number.NaN;
  }

  private payloadBytes(told: Told, wire: number, packets: number, header: number, payloadField: number): number {
    if (told === 'payload' || told === 'both') return this.number(payloadField);
    if (told === 'nothing') return 0;
    const isShort = header === HEADER_BYTES.tcp && packets <= HANDSHAKE_PACKETS;
    return Math.max(0, wire - packets * (isShort ? HANDSHAKE_PACKET_BYTES : header));
  }

  private wrongBytes(bytes: FlowField, payload: FlowField): FlowField {
    return this.spans.starts[FIELD[bytes]]! >= 0 && !isCount(this.number(FIELD[bytes])) ? bytes : payload;
  }

  /** What the row says of a TCP connection's flags and fate. */
  private story(table: FlowRowTable, row: number): boolean {
    let tcpFlags = 0;
    let outcome = 0;
    if (this.knows.flags) {
      const told = readFlags(this.text(FIELD.flags));
      if (!told) return this.fail('flags');
      ({ tcpFlags, outcome } = told);
    }
    if (this.knows.state) {
      const told = readState(this.text(FIELD.state));
      if (!told) return this.fail('state');
      tcpFlags |= told.tcpFlags;
      outcome = told.outcome || outcome;
    }
    if (this.knows.history) tcpFlags = readHistory(this.text(FIELD.history)) || tcpFlags;
    for (const [field, flag] of this.flagCounts) {
      const count = this.number(field);
      if (!isCount(count)) return this.fail(FLOW_FIELDS[field]!);
      if (count > 0) tcpFlags |= flag;
    }
    const isTcp = table.columns.protocol[row] === Protocol.tcp;
    table.columns.tcpFlags[row] = isTcp ? tcpFlags : 0;
    table.columns.outcome[row] = isTcp ? outcome : 0;
    return true;
  }

  /** The number in a field; 0 where the table or the row does not tell it, NaN where it is none. */
  private number(field: number): number {
    const { bytes, starts, ends } = this.spans;
    const start = starts[field]!;
    return start < 0 || isUnset(bytes, start, ends[field]!) ? 0 : readNumber(bytes, start, ends[field]!);
  }

  private text(field: number): string {
    const { bytes, starts, ends } = this.spans;
    return readText(bytes, starts[field]!, Math.min(ends[field]!, starts[field]! + 65));
  }
}

/** Which byte counts a table has of one direction. */
type Told = 'nothing' | 'bytes' | 'payload' | 'both';

function toldBytes(bytes: boolean, payload: boolean): Told {
  if (bytes) return payload ? 'both' : 'bytes';
  return payload ? 'payload' : 'nothing';
}

function isCount(value: number): boolean {
  return value >= 0 && value <= MAX_COUNT;
}

function isPort(value: number): boolean {
  return value >= 0 && value <= 0xffff && value % 1 === 0;
}
