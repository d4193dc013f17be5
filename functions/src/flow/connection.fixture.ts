import { Protocol, TcpFlag } from '@weir/contracts';
import { reply, type SaidPacket } from './packets.fixture.js';

const { syn, ack, fin, rst, psh } = TcpFlag;

const FROM_CLIENT: Partial<SaidPacket> = { protocol: Protocol.tcp, sourcePort: 50_000, destinationPort: 443 };

/** A TCP segment from the client. */
export function fromClient(atS: number, tcpFlags: number, more: Partial<SaidPacket> = {}): Partial<SaidPacket> {
  return { ...FROM_CLIENT, atS, tcpFlags, ...more };
}

/** A TCP segment from the server; `more` speaks of the packet as the client sends it, save sizes and sequence. */
export function fromServer(atS: number, tcpFlags: number, more: Partial<SaidPacket> = {}): Partial<SaidPacket> {
  return reply({ ...FROM_CLIENT, atS, tcpFlags, ...more });
}

/** SYN, SYN-ACK and ACK, `stepS` apart. */
export function handshake(atS: number, stepS = 0.01): Partial<SaidPacket>[] {
  return [
    fromClient(atS, syn, { tcpSequence: 100 }),
    fromServer(atS + stepS, syn | ack, { tcpSequence: 900 }),
    fromClient(atS + 2 * stepS, ack, { tcpSequence: 101 }),
  ];
}

/** A request and its answer. */
export function exchange(atS: number): Partial<SaidPacket>[] {
  return [
    fromClient(atS, psh | ack, { tcpSequence: 101, payloadBytes: 200, lengthBytes: 254 }),
    fromServer(atS + 0.01, psh | ack, { tcpSequence: 901, payloadBytes: 1000, lengthBytes: 1054 }),
  ];
}

/** FIN from both sides. */
export function farewell(atS: number): Partial<SaidPacket>[] {
  return [
    fromClient(atS, fin | ack, { tcpSequence: 301 }),
    fromServer(atS + 0.01, fin | ack, { tcpSequence: 1901 }),
    fromClient(atS + 0.02, ack, { tcpSequence: 302 }),
  ];
}

/** RST from the server. */
export function refusal(atS: number): Partial<SaidPacket> {
  return fromServer(atS, rst | ack);
}
