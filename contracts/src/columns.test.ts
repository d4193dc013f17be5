import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BytesColumn, ColumnTable, LAYOUTS } from './index.js';

const LAYOUT = [
  { name: 'count', type: 'u32', unit: '1', meaning: 'A number.' },
  { name: 'host', type: 'address', unit: '1', meaning: 'An address.' },
  { name: 'text', type: 'bytes', unit: '1', meaning: 'Some bytes.' },
] as const;
type Table = ColumnTable<typeof LAYOUT>;

function tableOf(texts: readonly Uint8Array[], capacity = texts.length): Table {
  const table = new ColumnTable(LAYOUT, Math.max(capacity, texts.length));
  for (const [row, text] of texts.entries()) {
    table.columns.count[row] = row + 1;
    table.columns.host.bytes.fill(row + 1, row * 16, row * 16 + 16);
    table.columns.text.append(row, text, 0, text.length);
  }
  table.count = texts.length;
  return table;
}

const row = ({ columns: { count, host, text } }: Table, i: number) => ({
  count: count[i],
  host: [...host.bytes.subarray(16 * i, 16 * i + 16)],
  text: [...text.data.subarray(text.offsets[i], text.offsets[i + 1])],
});
const rows = (table: Table) => Array.from({ length: table.count }, (_, i) => row(table, i));
const texts = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });

describe('a column table', () => {
  it('appends any part of another as if its rows were copied one by one', () => {
    fc.assert(
      fc.property(texts, texts, fc.nat(12), fc.nat(12), (first, second, a, b) => {
        const [to, from] = [tableOf(first), tableOf(second)];
        const start = Math.min(a, b, second.length);
        const end = Math.min(Math.max(a, b), second.length);
        const expected = [...rows(to), ...rows(from).slice(start, end)];
        to.appendRows(from, start, end);
        expect(rows(to)).toEqual(expected);
      }),
      { seed: 1 },
    );
  });

  it('keeps its rows when it grows, and at least doubles', () => {
    const table = tableOf([Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)], 20);
    const before = rows(table);
    table.grow();
    expect(table.capacity).toBe(40);
    expect(table.columns.count.length).toBe(40);
    expect(rows(table)).toEqual(before);
    table.grow(1000);
    expect(table.columns.host.bytes.length).toBe(16_000);
    expect(rows(table)).toEqual(before);
  });

  it('without room grows when rows come', () => {
    const table = new ColumnTable(LAYOUT, 0);
    table.appendRows(tableOf([Uint8Array.of(7)]), 0, 1);
    expect(rows(table)).toEqual([{ count: 1, host: Array(16).fill(1), text: [7] }]);
  });

  it('that was cleared starts anew in the same memory', () => {
    const table = tableOf([Uint8Array.of(1, 2, 3), Uint8Array.of(4)]);
    const { columns } = table;
    table.clear();
    expect(table.count).toBe(0);
    table.columns.text.append(0, Uint8Array.of(9), 0, 1);
    table.count = 1;
    expect(row(table, 0).text).toEqual([9]);
    expect(table.columns).toBe(columns);
  });

  it('holds addresses as words over the same bytes', () => {
    const { host } = tableOf([Uint8Array.of()]).columns;
    host.words[0] = 0;
    expect([...host.bytes.subarray(0, 5)]).toEqual([0, 0, 0, 0, 1]);
  });
});

describe('a column of byte strings', () => {
  it('takes a part of its source, and keeps earlier rows when its memory is replaced', () => {
    const column = new BytesColumn(3, 2);
    const source = Uint8Array.from({ length: 100 }, (_, i) => i);
    column.append(0, source, 1, 3);
    column.append(1, source, 5, 5);
    column.append(2, source, 0, 100);
    expect([...column.offsets]).toEqual([0, 2, 2, 102]);
    expect([...column.data.subarray(0, 102)]).toEqual([1, 2, ...source]);
  });

  it('does not take new memory while there is room', () => {
    const column = new BytesColumn(2, 8);
    const { data } = column;
    column.append(0, Uint8Array.of(1, 2, 3, 4), 0, 4);
    column.append(1, Uint8Array.of(1, 2, 3, 4), 0, 4);
    expect(column.data).toBe(data);
  });
});

describe('every layout', () => {
  it.each(Object.values(LAYOUTS))('$name names each column once, with unit and meaning', ({ columns }) => {
    expect(new Set(columns.map(({ name }) => name)).size).toBe(columns.length);
    for (const { name, unit, meaning } of columns) {
      expect(name).toMatch(/^[a-z][A-Za-z]+$/);
      expect(unit).not.toBe('');
      expect(meaning).toMatch(/\.$/);
    }
  });
});
