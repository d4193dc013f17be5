/**
 * Rows of a CSV text (RFC 4180 quoting) by the names in its first line. Empty lines are left out; a missing cell is ''.
 */
export function csvRows(text: string): Record<string, string>[] {
  const [names = [], ...rows] = csvCells(text);
  return rows.map((cells) => Object.fromEntries(names.map((name, k) => [name.trim(), cells[k] ?? ''])));
}

/** A cell in quotes or not, and what ends it. */
const CELL = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/y;

function csvCells(text: string): string[][] {
  const lines: string[][] = [];
  let cells: string[] = [];
  CELL.lastIndex = 0;
  while (CELL.lastIndex < text.length) {
    const found = CELL.exec(text);
    if (!found) throw new SyntaxError(`line ${lines.length + 1} has a quote in the wrong place. Quote the whole cell.`);
    cells.push(unquoted(found[1]!));
    if (found[2] === ',' && CELL.lastIndex < text.length) continue;
    if (cells.length > 1 || cells[0] !== '') lines.push(cells);
    cells = [];
  }
  return lines;
}

function unquoted(cell: string): string {
  return cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
}
