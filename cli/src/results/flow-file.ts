import { type FlowLine, type FlowRecordTable, flowLine } from '@weir/contracts';
import { csvLine } from './csv.js';

/** Turns flow records into text: JSON lines, or CSV with a header before the first. */
export class FlowFormatter {
  private hasHeader = false;

  constructor(private readonly format: 'json' | 'csv') {}

  text(sensor: string, records: FlowRecordTable): string {
    let text = '';
    for (let row = 0; row < records.count; row++) text += this.line(flowLine(sensor, records, row));
    return text;
  }

  private line(line: FlowLine): string {
    if (this.format === 'json') return `${JSON.stringify(line)}\n`;
    const header = this.hasHeader ? '' : csvLine(Object.keys(line));
    this.hasHeader = true;
    return header + csvLine(Object.values(line).map((cell) => (typeof cell === 'object' ? cell.join(' ') : cell)));
  }
}

/** CSV for file names that end so, else JSON lines. */
export function formatOf(path: string): 'json' | 'csv' {
  return path.toLowerCase().endsWith('.csv') ? 'csv' : 'json';
}
