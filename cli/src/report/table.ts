import { wrapText } from './wrap.js';

/** A column of a text table. */
export interface TableColumn {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Cells longer than this are cut with an ellipsis. */
  readonly maxColumns?: number;
  /** Cells longer than this go on in the next line, between words. */
  readonly wrapColumns?: number;
}

/** A table in text: titles, then rows, two spaces between columns. `style` may colour a padded cell. */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  { indent = 0, style }: { indent?: number; style?: (cell: string, row: number, column: number) => string } = {},
): string {
  const lines = rows.flatMap((row, r) => linesOf(row, columns).map((cells) => ({ cells, r })));
  const widths = columns.map(({ title }, c) => Math.max(title.length, ...lines.map(({ cells }) => cells[c]!.length)));
  const last = columns.length - 1;
  const line = (cells: readonly string[], row: number) => {
    const padded = cells.map((cell, c) => {
      const text = columns[c]?.align === 'right' ? cell.padStart(widths[c]!) : cell.padEnd(c === last ? 0 : widths[c]!);
      return style ? style(text, row, c) : text;
    });
    return (' '.repeat(indent) + padded.join('  ')).trimEnd();
  };
  return [
    line(
      columns.map((c) => c.title),
      -1,
    ),
    ...lines.map(({ cells, r }) => line(cells, r)),
  ].join('\n');
}

/** The lines of one row: one, or as many as its longest cell takes. */
function linesOf(row: readonly string[], columns: readonly TableColumn[]): string[][] {
  const cells = columns.map(({ maxColumns, wrapColumns }, c) => {
    const cell = shorten(row[c] ?? '', maxColumns);
    return wrapColumns === undefined ? [cell] : wrapText(cell, { columns: wrapColumns }).split('\n');
  });
  const most = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: most }, (_, i) => cells.map((lines) => lines[i] ?? ''));
}

/** `text` in at most `maxColumns` letters, with an ellipsis where it was cut. */
export function shorten(text: string, maxColumns = Number.POSITIVE_INFINITY): string {
  return text.length <= maxColumns ? text : `${text.slice(0, Math.max(0, maxColumns - 1))}…`;
}
