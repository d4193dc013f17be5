import { Readable } from 'node:stream';
import { createFlowRowTable } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { openFlowTable } from './flow-table-source.js';
import { MAX_LINE_BYTES } from './line-reader.js';
import { readRows } from './read-rows.fixture.js';

const HEADER = 'src_ip,dst_ip,src_port,dst_port,protocol,packets_sent,duration,flags,timestamp\n';
const GOOD = '10.0.0.1,10.0.0.2,1000,80,tcp,5,0.5,S,1700000000\n';
const fields = GOOD.trim().split(',');
const COLUMNS = HEADER.trim().split(',');

/** The good row with one column replaced. */
function rowWith(column: string, value: string): string {
  return `${fields.map((field, i) => (COLUMNS[i] === column ? value : field)).join(',')}\n`;
}

describe('a bad row', () => {
  it.each([
    ['packets_sent', 'NaN', /a count, a number from 0/],
    ['packets_sent', '-1', /a count/],
    ['packets_sent', 'Infinity', /a count/],
    ['packets_sent', '1e999', /a count/],
    ['packets_sent', '0x10', /a count/],
    ['duration', '-0.5', /a duration/],
    ['duration', '1e300', /a duration/],
    ['src_port', '65536', /a port, a whole number from 0 to 65535/],
    ['src_port', '80.5', /a port/],
    ['dst_ip', '10.0.0.256', /an IPv4 or IPv6 address/],
    ['dst_ip', '10.0.0', /an IPv4/],
    ['dst_ip', '1:2:3:4:5:6:7:8:9', /an IPv4/],
    ['protocol', 'carrier pigeon', /IANA number/],
    ['protocol', '256', /IANA number/],
    ['flags', 'HELLO', /TCP flags such as/],
    ['timestamp', 'yesterday', /a time/],
    ['timestamp', '', /a time/],
    ['timestamp', '2024-02-30 10:00:00', /a time/],
    ['timestamp', '03/07/2017 10:00:00', /day-first/],
  ])('names line, column and what was expected: %s %s', async (column, value, expected) => {
    const error = await readRows(HEADER + GOOD + rowWith(column, value)).catch((reason: Error) => reason);
    expect(error).toMatchObject({ name: 'SourceError' });
    expect((error as Error).message).toMatch(/^"standard input", line 3: column "/);
    expect((error as Error).message).toContain(`column "${column}" holds "${value}", expected`);
    expect((error as Error).message).toMatch(expected);
    expect((error as Error).message).toMatch(/--skip-bad-rows\.$/);
  });

  it('that is too short, or whose quotes do not close, says so', async () => {
    await expect(readRows(`${HEADER}10.0.0.1,10.0.0.2\n`)).rejects.toThrow(
      /line 2: 2 columns, expected at least 9, up to "timestamp"/,
    );
    await expect(readRows(`${HEADER}"10.0.0.1,10.0.0.2\n`)).rejects.toThrow(/line 2: a quote is not closed/);
    await expect(readRows(`${HEADER}"10.0.0.1"x,10.0.0.2\n`)).rejects.toThrow(/not followed by a new column/);
  });

  it('is counted and passed over on request, and the rows around it are read', async () => {
    const bad = [rowWith('dst_ip', 'x'), rowWith('dst_ip', 'y'), 'a,b\n', '"\n', rowWith('duration', 'nan')];
    const { rows, counters } = await readRows(HEADER + bad.map((row) => GOOD + row).join('') + GOOD, {
      skipBadRows: true,
    });
    expect(rows).toHaveLength(bad.length + 1);
    expect(counters).toMatchObject({ rows: 6, rowsSkipped: 5 });
    expect(counters.warnings).toHaveLength(4);
    expect(counters.warnings[0]).toMatch(/line 3: column "dst_ip" holds "x", expected .* \(2 such cases/);
  });

  it('never brings control characters of the input into a message', async () => {
    const error = await readRows(HEADER + rowWith('dst_ip', '\u001b[2J\u0007evil')).catch((reason: Error) => reason);
    expect((error as Error).message).toContain('"?[2J?evil"');
  });
});

describe('hostile input', () => {
  it('a line of 100 MB costs one bad row and no memory', async () => {
    const piece = Buffer.alloc(1 << 20, 'x');
    async function* chunks() {
      yield Buffer.from(HEADER + GOOD);
      for (let i = 0; i < 100; i++) yield piece;
      yield Buffer.from(`\n${GOOD}`);
    }
    const source = await openFlowTable('-', { skipBadRows: true, standardInput: Readable.from(chunks()) });
    const table = createFlowRowTable(16);
    const before = process.memoryUsage().arrayBuffers;
    while (await source.read(table));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20e6);
    expect(table.count).toBe(2);
    expect(source.counters()).toMatchObject({
      rows: 2,
      rowsSkipped: 1,
      warnings: [expect.stringMatching(/line 3: it is longer than 262144 bytes/)],
    });
  });

  it('a line as long as the buffer is read, and one byte more is not', async () => {
    const padded = (bytes: number) => `${GOOD.trim()},${'x'.repeat(bytes - GOOD.length)}\n`;
    expect(padded(MAX_LINE_BYTES)).toHaveLength(MAX_LINE_BYTES + 1);
    expect((await readRows(HEADER + padded(MAX_LINE_BYTES - 1) + GOOD)).rows).toHaveLength(2);
    await expect(readRows(HEADER + padded(MAX_LINE_BYTES + 1) + GOOD)).rejects.toThrow(/line 2: it is longer/);
  });

  it('binary junk is refused in the header and counted in rows', async () => {
    // Of a fixed multiplicative generator (Park and Miller 1988), the middle byte.
    const states = [1];
    for (let i = 1; i < 50_000; i++) states.push((states[i - 1]! * 48_271) % 0x7fff_ffff);
    const junk = Uint8Array.from(states, (state) => state >>> 11);
    await expect(readRows(junk)).rejects.toThrow(/cannot read "standard input" as a flow table: line 1/);
    const { counters } = await readRows(Buffer.concat([Buffer.from(HEADER), junk, Buffer.from(`\n${GOOD}`)]), {
      skipBadRows: true,
    });
    expect(counters.rows).toBe(1);
    expect(counters.rowsSkipped).toBeGreaterThan(10);
    expect(counters.warnings.length).toBeLessThan(12);
  });

  it('a table that is empty, has no rows or ends in its header is told apart', async () => {
    await expect(readRows('')).rejects.toThrow(/ends before any header/);
    await expect(readRows('#separator \\x09\n')).rejects.toThrow(/ends before any header/);
    expect((await readRows(HEADER)).rows).toEqual([]);
    expect((await readRows(HEADER.trim())).rows).toEqual([]);
  });

  it('JSON that is none is a bad row, not the end', async () => {
    const line = '{"src_ip":"10.0.0.1","dst_ip":"10.0.0.2","src_port":1,"dst_port":2,"protocol":"tcp"}\n';
    const wrong = ['{\n', 'null\n', '[]\n', `{"src_ip":{"a":1}}\n`, `{"src_ip":"${'9'.repeat(9000)}"}\n`];
    const { counters } = await readRows(line + wrong.join('') + line, { skipBadRows: true });
    expect(counters).toMatchObject({ rows: 2, rowsSkipped: wrong.length });
  });
});
