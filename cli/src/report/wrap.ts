/** Where wrapped text goes. */
export interface WrapShape {
  columns: number;
  /** Spaces before each line. */
  indent?: number;
  /** Text in place of the first line's indent, such as a bullet; as wide as `indent`. */
  first?: string;
}

const NARROWEST = 20;

/** `text` in lines no wider than `columns` (never below 20 letters of text); words are not cut. */
export function wrapText(text: string, { columns, indent = 0, first }: WrapShape): string {
  const width = Math.max(NARROWEST, columns - indent);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line ? `${line} ${word}` : word;
    }
  }
  lines.push(line);
  return lines.map((l, i) => (i === 0 && first !== undefined ? first : ' '.repeat(indent)) + l).join('\n');
}
