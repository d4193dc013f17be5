import { Readable } from 'node:stream';
import { END_OF_TIME_S, type FlowRowBatch, formatAddress } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { FlowRowBatcher } from './flow-row-batcher.js';
import { openFlowTable } from './flow-table-source.js';

/** Rows a second apart, every fifth of them ten seconds late. */
const TABLE = [
  'timestamp,src_ip,dst_ip,src_port,dst_port,protocol',
  ...Array.from({ length: 200 }, (_, i) => `${1.7e9 + i - (i % 5 === 4 ? 10 : 0)},10.0.0.${i % 9},10.0.1.1,${i},80,6`),
].join('\n');

async function batches(partitions: number, maxRows: number) {
  const table = await openFlowTable('-', { standardInput: Readable.from([Buffer.from(TABLE)]) });
  const headers: FlowRowBatch['header'][] = [];
  const rows: string[][] = Array.from({ length: partitions }, () => []);
  let late = 0;
  const take = ({ header, counters, rows: { columns: c, count } }: FlowRowBatch) => {
    headers.push(header);
    late = counters.packetsLate;
    for (let i = 0; i < count; i++) {
      expect(c.timeUs[i]).toBeGreaterThanOrEqual(c.watermarkS[i]! * 1e6);
      expect(c.flowHash[i]! % partitions).toBe(header.partition);
      const who = `${formatAddress(c.originatorAddress.bytes, i * 16)}:${c.originatorPort[i]}`;
      rows[header.partition]!.push(`${c.timeUs[i]} ${c.watermarkS[i]} ${who} ${c.conformance[i]}`);
    }
  };
  const batcher = new FlowRowBatcher({ sensor: 'test', partitions, maxRows, epoch: 5 }, take);
  while (await table.read(batcher.rows)) batcher.flush(table.counters());
  batcher.finish(table.counters());
  return { headers, rows, late };
}

describe('flow row batcher', () => {
  it.each([1, 3])('with %i partitions the rows do not depend on the size of batches', async (partitions) => {
    const whole = await batches(partitions, 1000);
    expect(whole.rows.flat()).toHaveLength(200);
    for (const maxRows of [1, 7, 100]) expect((await batches(partitions, maxRows)).rows).toEqual(whole.rows);
  });

  it('gives late rows the watermark and counts them, as late packets', async () => {
    const { late, rows } = await batches(1, 50);
    // The first rows come before there is a watermark.
    expect(late).toBe(37);
    expect(rows[0]!.filter((row) => !row.endsWith(' 0'))).toHaveLength(37);
  });

  it('numbers batches by partition, and ends time with the table', async () => {
    const { headers } = await batches(2, 90);
    expect(headers.map(({ partition, sequence }) => [partition, sequence])).toEqual([
      [0, 0], [1, 0], [0, 1], [1, 1], [0, 2], [1, 2],
    ]); // biome-ignore format: pairs
    expect(headers.map(({ watermarkS }) => watermarkS === END_OF_TIME_S)).toEqual([
      false,
      false,
      false,
      false,
      true,
      true,
    ]);
    expect(headers.every(({ epoch, partitions }) => epoch === 5 && partitions === 2)).toBe(true);
  });
});
