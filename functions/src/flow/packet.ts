import { FIRST_PACKETS, FlowEvent, type PacketTable, Protocol, TcpFlag } from '@weir/contracts';
import { FLOAT, FlowState, RESPONDER, WORD } from './layout.js';
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
  for (let k = 0; k < 4; k++) {
    words[w + WORD.originatorAddress + k] = originator[i * 4 + k]!;
    words[w + WORD.responderAddress + k] = responder[i * 4 + k]!;
  }
  const [from, to] = reversed ? [c.destinationPort, c.sourcePort] : [c.sourcePort, c.destinationPort];
  words[w + WORD.ports] = (from[i]! << 16) | to[i]!;
  words[w + WORD.protocol] = c.protocol[i]! | (c.tunnelKind[i]! << 8);
  words[w + WORD.tunnelId] = c.tunnelId[i]!;
  floats[row * FLOAT.stride + FLOAT.startUs] = c.timeUs[i]!;
  floats[row * FLOAT.stride + FLOAT.lastUs] = c.timeUs[i]!;
  if (isTcp)
    words[w + WORD.state] =
      flags & TcpFlag.syn && !(flags & SYN_ACK & ~TcpFlag.syn) ? FlowState.synSent : FlowState.open;
  return row;
}

/** Which FlowEvent bits the first packet of a flow adds to `started`. */
function startEvents(protocol: number, flags: number): number {
  if (protocol !== Protocol.tcp || flags & TcpFlag.syn) return FlowEvent.started;
  if (flags & (TcpFlag.ack | TcpFlag.rst)) return FlowEvent.started | FlowEvent.midstream;
  return FlowEvent.started | FlowEvent.oddStart;
}

/** Adds packet `i` to the totals, pane, lengths, gaps and first packets of its flow. */
export function countPacket(
  state: FlowPartitionState,
  packets: PacketTable,
  i: number,
  row: number,
  fromOriginator: boolean,
): void {
  const c = packets.columns;
  const { words, floats } = state.table;
  const w = row * WORD.stride;
  const f = row * FLOAT.stride;
  const timeUs = c.timeUs[i]!;
  const lengthBytes = c.lengthBytes[i]!;
  const payloadBytes = c.payloadBytes[i]!;
  const isFirst = floats[f + FLOAT.packets]! + floats[f + FLOAT.packets + RESPONDER]! === 0;
  if (isFirst) words[w + WORD.paneEvents]! |= startEvents(c.protocol[i]!, c.tcpFlags[i]!);

  const gapUs = Math.max(0, timeUs - floats[f + FLOAT.lastUs]!);
  if (!isFirst) {
    floats[f + FLOAT.paneGapSumUs]! += gapUs;
    floats[f + FLOAT.paneGapSquareSum]! += Math.round((gapUs * gapUs) / 1e4);
  }
  if (timeUs > floats[f + FLOAT.lastUs]!) floats[f + FLOAT.lastUs] = timeUs;
  if (timeUs > floats[f + FLOAT.paneLastUs]!) floats[f + FLOAT.paneLastUs] = timeUs;
  if (timeUs < floats[f + FLOAT.paneFirstUs]!) floats[f + FLOAT.paneFirstUs] = timeUs;

  const pane = fromOriginator ? 0 : 1;
  words[w + WORD.paneOriginatorPackets + pane]!++;
  words[w + WORD.paneOriginatorBytes + pane]! += lengthBytes;
  const d = fromOriginator ? f : f + RESPONDER;
  countGap(floats, d, timeUs);
  floats[d + FLOAT.packets]! += 1;
  floats[d + FLOAT.bytes]! += lengthBytes;
  floats[d + FLOAT.payloadBytes]! += payloadBytes;
  floats[d + FLOAT.lengthSquareSum]! += lengthBytes * lengthBytes;
  countLength(words, w + WORD.originatorLengthMinMax + pane, lengthBytes);
  countPayload(words, w, packets, i, fromOriginator);

  const index = words[w + WORD.sequenceCount]!;
  if (index < FIRST_PACKETS) keepFirstPacket(state, row, fromOriginator ? payloadBytes : -payloadBytes, gapUs / 1000);
}

/** Gap since the previous packet of the same direction; `d` is the direction's base in `floats`. */
function countGap(floats: Float64Array, d: number, timeUs: number): void {
  const n = floats[d + FLOAT.packets]!;
  if (n > 0) {
    const gapUs = Math.max(0, timeUs - floats[d + FLOAT.lastInDirectionUs]!);
    floats[d + FLOAT.gapSumUs]! += gapUs;
    floats[d + FLOAT.gapSquareSum]! += gapUs * gapUs;
    if (n === 1 || gapUs < floats[d + FLOAT.gapMinUs]!) floats[d + FLOAT.gapMinUs] = gapUs;
    if (gapUs > floats[d + FLOAT.gapMaxUs]!) floats[d + FLOAT.gapMaxUs] = gapUs;
  }
  floats[d + FLOAT.lastInDirectionUs] = timeUs;
}

/** Shortest frame in the upper half of the word, longest in the lower; lengths past 65,535 count as that. */
function countLength(words: Int32Array, at: number, lengthBytes: number): void {
  const length = Math.min(lengthBytes, 0xffff);
  const word = words[at]!;
  if (word === 0) words[at] = (length << 16) | length;
  else if (length < word >>> 16) words[at] = (length << 16) | (word & 0xffff);
  else if (length > (word & 0xffff)) words[at] = (word & 0xffff0000) | length;
}

function countPayload(words: Int32Array, w: number, packets: PacketTable, i: number, fromOriginator: boolean): void {
  const c = packets.columns;
  const breaches = c.conformance[i]!;
  if (breaches !== 0) {
    words[w + WORD.paneConformance]! |= breaches;
    words[w + WORD.conformance]! |= breaches;
  }
  const guess = c.payloadGuess[i]!;
  // What the responder says decides: a client may talk nonsense to any port.
  if (guess !== 0 && (!fromOriginator || words[w + WORD.payloadGuess]! <= 1)) words[w + WORD.payloadGuess] = guess;
  const entropy = c.payloadEntropy[i]!;
  if (entropy > words[w + WORD.payloadEntropy]!) words[w + WORD.payloadEntropy] = entropy;
  if (entropy > words[w + WORD.paneEntropy]!) words[w + WORD.paneEntropy] = entropy;
}

function keepFirstPacket(state: FlowPartitionState, row: number, signedBytes: number, gapMs: number): void {
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
    if (slot !== 0) state.firstPackets.set(slot, 0, words[w + WORD.firstPayloadBytes]! | 0, 0);
  }
  const slot = words[w + WORD.sequenceSlot]!;
  if (slot !== 0) state.firstPackets.set(slot, index, signedBytes, gapMs);
}
