import { FlowEvent, type PacketTable, PayloadGuess, Protocol, TcpFlag } from '@weir/contracts';
import { FLOAT, FlowState, WORD } from './layout.js';
import type { FlowPartitionState } from './state.js';
import type { FlowTable } from './table.js';

const SYN_ACK = TcpFlag.syn | TcpFlag.ack;

/**
 * Enters the flow that packet `i` begins. Its originator is the packet's sender, unless the packet is a SYN-ACK: then the
 * SYN was missed and the addressee began it.
 */
export function startFlow(table: FlowTable, packets: PacketTable, i: number): number {
  const c = packets.columns;
  const row = table.insert(c.flowHash[i]! | 0);
  const { words, floats } = table;
  const w = row * WORD.stride;
  const flags = c.tcpFlags[i]!;
  const isTcp = c.protocol[i] === Protocol.tcp;
  const reversed = isTcp && (flags & (SYN_ACK | TcpFlag.rst)) === SYN_ACK;
  const originator = reversed ? c.destinationAddress.words : c.sourceAddress.words;
  const responder = reversed ? c.sourceAddress.words : c.destinationAddress.words;
  const at = i * 4;
  words[w + WORD.originatorAddress] = originator[at]!;
  words[w + WORD.originatorAddress + 1] = originator[at + 1]!;
  words[w + WORD.originatorAddress + 2] = originator[at + 2]!;
  words[w + WORD.originatorAddress + 3] = originator[at + 3]!;
  words[w + WORD.responderAddress] = responder[at]!;
  words[w + WORD.responderAddress + 1] = responder[at + 1]!;
  words[w + WORD.responderAddress + 2] = responder[at + 2]!;
  words[w + WORD.responderAddress + 3] = responder[at + 3]!;
  const source = c.sourcePort[i]!;
  const destination = c.destinationPort[i]!;
  words[w + WORD.ports] = reversed ? (destination << 16) | source : (source << 16) | destination;
  words[w + WORD.protocol] = c.protocol[i]! | (c.tunnelKind[i]! << 8);
  words[w + WORD.tunnelId] = c.tunnelId[i]!;
  words[w + WORD.paneEvents] = startEvents(c.protocol[i]!, flags);
  floats[row * FLOAT.stride + FLOAT.startUs] = c.timeUs[i]!;
  floats[row * FLOAT.stride + FLOAT.lastUs] = c.timeUs[i]!;
  if (isTcp && (flags & SYN_ACK) === TcpFlag.syn) words[w + WORD.state] = FlowState.synSent;
  return row;
}

/** Which FlowEvent bits the first packet of a flow adds to `started`. */
function startEvents(protocol: number, flags: number): number {
  if (protocol !== Protocol.tcp || flags & TcpFlag.syn) return FlowEvent.started;
  if (flags & (TcpFlag.ack | TcpFlag.rst)) return FlowEvent.started | FlowEvent.midstream;
  return FlowEvent.started | FlowEvent.oddStart;
}

/** Adds what few packets have: breaches, a guess, a measured entropy. */
export function countPayload(
  words: Int32Array,
  w: number,
  packets: PacketTable,
  i: number,
  fromOriginator: boolean,
): void {
  const c = packets.columns;
  const breaches = c.conformance[i]!;
  words[w + WORD.paneConformance]! |= breaches;
  words[w + WORD.conformance]! |= breaches;
  const guess = c.payloadGuess[i]!;
  // What the responder says decides: a client may talk nonsense to any port.
  if (guess !== PayloadGuess.notExamined && (!fromOriginator || words[w + WORD.payloadGuess]! <= PayloadGuess.unknown))
    words[w + WORD.payloadGuess] = guess;
  const entropy = c.payloadEntropy[i]!;
  if (entropy > words[w + WORD.payloadEntropy]!) words[w + WORD.payloadEntropy] = entropy;
  if (entropy > words[w + WORD.paneEntropy]!) words[w + WORD.paneEntropy] = entropy;
}

/** Keeps payload size (negative from the responder) and gap of one of a flow's first packets. */
export function keepFirstPacket(state: FlowPartitionState, row: number, signedBytes: number, gapMs: number): void {
  const { words } = state.table;
  const w = row * WORD.stride;
  const index = words[w + WORD.sequenceCount]!++;
  if (index === 0) {
    words[w + WORD.firstPayloadBytes] = signedBytes;
    return;
  }
  if (index === 1) {
    const slot = state.firstPackets.take();
    words[w + WORD.sequenceSlot] = slot;
    if (slot !== 0) state.firstPackets.set(slot, 0, words[w + WORD.firstPayloadBytes]!, 0);
  }
  const slot = words[w + WORD.sequenceSlot]!;
  if (slot !== 0) state.firstPackets.set(slot, index, signedBytes, gapMs);
}
