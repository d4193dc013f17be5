/** A column of a text table. */
export interface TableColumn {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Cells longer than this are cut with an ellipsis. */
  readonly maxColumns?: number;
}

/** A table in text: titles, then rows, two spaces between columns. `style` may colour a padded cell. */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  { indent = 0, style }: { indent?: number; style?: (cell: string, row: number, column: number) => string } = {},
): string {
  const cut = rows.map((row) => row.map((cell, c) => shorten(cell, columns[c]?.maxColumns)));
  const widths = columns.map(({ title }, c) => Math.max(title.length, ...cut.map((row) => row[c]?.length ?? 0)));
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
    ...cut.map(line),
  ].join('\n');
}

/** `text` in at most `maxColumns` letters, with an ellipsis where it was cut. */
export function shorten(text: string, maxColumns = Number.POSITIVE_INFINITY): string {
  return text.length <= maxColumns ? text : `${text.slice(0, Math.max(0, maxColumns - 1))}…`;
}
