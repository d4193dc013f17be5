import { Readable } from 'node:stream';
import { createFlowRowTable, FlowOutcome, type FlowRowTable, formatAddress } from '@weir/contracts';
import { type FlowTableCounters, type FlowTableOptions, openFlowTable } from './flow-table-source.js';

/** One row of a FlowRowTable as an object. */
export type ReadRow = ReturnType<typeof rowAt>;

/** Everything in a table that comes through standard input, in pieces of `pieceBytes`. */
export async function readRows(
  table: string | Uint8Array,
  options: FlowTableOptions & { pieceBytes?: number } = {},
): Promise<{ rows: ReadRow[]; counters: FlowTableCounters; format: string }> {
  const bytes = Buffer.from(table);
  const standardInput = options.standardInput ?? pieces(bytes, options.pieceBytes ?? 65_536);
  const source = await openFlowTable('-', { ...options, standardInput });
  const rows: ReadRow[] = [];
  const round = createFlowRowTable(7);
  for (let goesOn = true; goesOn; round.clear()) {
    goesOn = await source.read(round);
    for (let i = 0; i < round.count; i++) rows.push(rowAt(round, i));
  }
  await source.close();
  return { rows, counters: source.counters(), format: source.format };
}

function pieces(bytes: Buffer, pieceBytes: number): Readable {
  const starts = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, i) => i * pieceBytes);
  return Readable.from(starts.map((at) => bytes.subarray(at, at + pieceBytes)));
}

function rowAt({ columns: c }: FlowRowTable, i: number) {
  return {
    time: new Date(c.timeUs[i]! / 1000).toISOString(),
    durationUs: c.durationUs[i]!,
    from: `${formatAddress(c.originatorAddress.bytes, i * 16)}:${c.originatorPort[i]}`,
    to: `${formatAddress(c.responderAddress.bytes, i * 16)}:${c.responderPort[i]}`,
    protocol: c.protocol[i]!,
    packets: [c.originatorPackets[i]!, c.responderPackets[i]!],
    bytes: [c.originatorBytes[i]!, c.responderBytes[i]!],
    payload: [c.originatorPayloadBytes[i]!, c.responderPayloadBytes[i]!],
    responderKnown: c.responderKnown[i] === 1,
    tcpFlags: c.tcpFlags[i]!,
    outcome: Object.keys(FlowOutcome)[c.outcome[i]! - 1],
  };
}
