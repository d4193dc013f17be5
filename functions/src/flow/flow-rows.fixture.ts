import {
  createFlowRowTable,
  END_OF_TIME_S,
  FlowOutcome,
  type FlowRowBatch,
  type FlowRowTable,
  NO_COUNTERS,
  parseAddress,
} from '@weir/contracts';

/** A flow row in words; what is left out is a TCP connection with data both ways. */
export interface SaidRow {
  timeS: number;
  durationS: number;
  from: string;
  to: string;
  fromPort: number;
  toPort: number;
  protocol: number;
  packets: readonly [number, number];
  payload: readonly [number, number];
  responderKnown: boolean;
  flags: number;
  outcome: keyof typeof FlowOutcome | undefined;
}

/** Second of the first row. */
export const START_S = 1_700_000_000;

const USUAL: SaidRow = {
  timeS: 0,
  durationS: 0.1,
  from: '10.0.0.1',
  to: '10.0.0.2',
  fromPort: 40_000,
  toPort: 80,
  protocol: 6,
  packets: [5, 4],
  payload: [300, 900],
  responderKnown: true,
  flags: 0,
  outcome: undefined,
};

/** Rows with the watermark one second behind the newest. */
export function rowTable(said: readonly Partial<SaidRow>[]): FlowRowTable {
  const table = createFlowRowTable(Math.max(1, said.length));
  const c = table.columns;
  let newestS = 0;
  said.forEach((part, i) => {
    const row = { ...USUAL, ...part };
    c.timeUs[i] = Math.round((START_S + row.timeS) * 1e6);
    c.watermarkS[i] = Math.max(0, Math.floor(START_S + newestS - 1));
    newestS = Math.max(newestS, row.timeS);
    c.durationUs[i] = row.durationS * 1e6;
    c.originatorAddress.bytes.set(parseAddress(row.from), i * 16);
    c.responderAddress.bytes.set(parseAddress(row.to), i * 16);
    c.originatorPort[i] = row.fromPort;
    c.responderPort[i] = row.toPort;
    c.protocol[i] = row.protocol;
    [c.originatorPackets[i], c.responderPackets[i]] = row.packets;
    [c.originatorPayloadBytes[i], c.responderPayloadBytes[i]] = row.payload;
    c.originatorBytes[i] = row.payload[0] + row.packets[0] * 54;
    c.responderBytes[i] = row.payload[1] + row.packets[1] * 54;
    c.responderKnown[i] = row.responderKnown ? 1 : 0;
    c.tcpFlags[i] = row.flags;
    c.outcome[i] = row.outcome === undefined ? 0 : FlowOutcome[row.outcome] + 1;
  });
  table.count = said.length;
  return table;
}

/** Batches of at most `size` rows; the last ends time. */
export function rowBatches(said: readonly Partial<SaidRow>[], size = said.length): FlowRowBatch[] {
  const table = rowTable(said);
  const batches: FlowRowBatch[] = [];
  for (let from = 0; from < table.count; from += size) {
    const to = Math.min(table.count, from + size);
    const rows = createFlowRowTable(size);
    rows.appendRows(table, from, to);
    const watermarkS = to < table.count ? table.columns.watermarkS[to]! : END_OF_TIME_S;
    const header = { sensor: 'test', partition: 0, partitions: 1, epoch: 0, sequence: batches.length, watermarkS };
    batches.push({ header, counters: { ...NO_COUNTERS }, rows });
  }
  return batches;
}
