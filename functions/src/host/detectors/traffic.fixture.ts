import { type Incident, NoteKind, PayloadGuess, Protocol, TcpFlag } from '@weir/contracts';
import { parseDetectionConfig } from '../../config.js';
import { cutBatches, packetTable, reply, type SaidPacket } from '../../flow/packets.fixture.js';
import { EmbeddedRuntime } from '../../runtime/embedded/index.js';

type Packets = Partial<SaidPacket>[];
const { syn, ack, fin, rst, psh } = TcpFlag;

/** The incidents that all of Weir's functions make of these packets, in their final state. Packets may be in any order. */
export function incidentsOf(packets: Packets): Incident[] {
  const incidents = new Map<string, Incident>();
  const runtime = new EmbeddedRuntime({
    config: parseDetectionConfig({}),
    sensor: 'test',
    records: 'none',
    sink: { incident: ({ incident }) => void incidents.set(incident.id, incident), flowRecords: () => {} },
  });
  const inOrder = [...packets].sort((a, b) => (a.atS ?? 0) - (b.atS ?? 0));
  for (const batch of cutBatches(packetTable(inOrder), { size: 4096 })) runtime.deliver(batch);
  return [...incidents.values()];
}

/** Their kinds, in order of the alphabet. */
export function kindsOf(packets: Packets): string[] {
  return incidentsOf(packets)
    .map(({ kind }) => kind)
    .sort();
}

/** What `make` makes for 0 to `count` − 1, in one list. */
export function times(count: number, make: (k: number) => Packets): Packets {
  return Array.from({ length: count }, (_, k) => make(k)).flat();
}

/** The `k`th host of a made network, from 0: none that is a broadcast address. */
export function host(k: number, network = '10.1'): string {
  return `${network}.${Math.floor(k / 250)}.${1 + (k % 250)}`;
}

/** A SYN that nobody answers. */
export function silentSyn(packet: Partial<SaidPacket>): Packets {
  return [{ protocol: Protocol.tcp, tcpFlags: syn, ...packet }];
}

/** A SYN and the RST that refuses it. */
export function refusedSyn(packet: Partial<SaidPacket>): Packets {
  const first = { protocol: Protocol.tcp, tcpFlags: syn, ...packet };
  return [first, reply(first, { tcpFlags: rst | ack, atS: (first.atS ?? 0) + 0.001 })];
}

/** A whole TCP session of a second: handshake, a request, an answer and farewell. */
export function session(packet: Partial<SaidPacket>, { sent = 800, received = 1500, lastsS = 1 } = {}): Packets {
  const atS = packet.atS ?? 0;
  const client = (afterS: number, tcpFlags: number, payloadBytes = 0) => ({
    ...packet,
    protocol: Protocol.tcp,
    atS: atS + afterS,
    tcpFlags,
    payloadBytes,
    lengthBytes: 60 + payloadBytes,
  });
  const server = (afterS: number, tcpFlags: number, payloadBytes = 0) => reply(client(afterS, tcpFlags, payloadBytes));
  return [
    client(0, syn),
    server(0.01, syn | ack),
    client(0.02, ack),
    client(0.03, psh | ack, sent),
    server(0.04, psh | ack, received),
    client(lastsS, fin | ack),
    server(lastsS + 0.01, fin | ack),
    client(lastsS + 0.02, ack),
  ];
}

/** A datagram and its answer 20 ms later. */
export function answered(packet: Partial<SaidPacket>): Packets {
  return [packet, reply(packet, { atS: (packet.atS ?? 0) + 0.02 })];
}

/** What a DNS look-up says besides its addresses. */
export interface LookUp extends Partial<SaidPacket> {
  name: string;
  type?: number;
}

/** A DNS query of type A (or `type`) and its answer. */
export function lookUp({ name, type = 1, ...packet }: LookUp): Packets {
  const bytes = 18 + name.length;
  const query = {
    destination: '10.0.0.53',
    destinationPort: 53,
    payloadGuess: PayloadGuess.dns,
    noteKind: NoteKind.dnsQuery as number,
    noteCode: type,
    noteValue: bytes * 65536,
    noteText: name,
    ...packet,
  };
  const answer = {
    noteKind: NoteKind.dnsResponse,
    noteValue: (bytes + 16) * 65536 + 256,
    atS: (query.atS ?? 0) + 0.02,
  };
  return [query, reply(query, answer)];
}

/** Letters that differ for each `k`, as data in a name does. */
export function letters(k: number, length: number): string {
  let text = '';
  for (let state = k + 1; text.length < length; state = (state * 16807) % 2147483647)
    text += String.fromCharCode(97 + (state % 26));
  return text;
}

/** An ARP request. */
export function arpRequest(atS: number, source: string, destination: string): Packets {
  return [{ atS, source, destination, networkLayer: 1, protocol: 0, noteKind: NoteKind.arpRequest }];
}
