import { FEATURE_LISTS, type FeatureListName, formatAddress } from '@weir/contracts';
import type { FeatureRows } from '@weir/functions';
import { ResultFile } from '../results/result-file.js';
import type { FeatureLabels } from './feature-labels.js';

/** Digits that a float32 needs. */
const DIGITS = 8;

/** Rows of features as CSV: keys, label, then the features of the list; an empty field for what the input does not tell. */
export class FeatureFile {
  private readonly file: Pick<ResultFile, 'write' | 'close'>;
  rows = 0;

  /** `path` of `-` writes to `output`. Throws a UsageError when it cannot be written. */
  constructor(
    path: string,
    list: FeatureListName,
    private readonly parts: {
      readonly output: { write(text: string): void };
      readonly labels: FeatureLabels | undefined;
    },
  ) {
    const { output } = parts;
    this.file = path === '-' ? { write: (text) => output.write(text), close: () => {} } : new ResultFile(path, '--out');
    const names = FEATURE_LISTS[list].map(({ name }) => name);
    this.file.write(`${['time_us', 'source', 'destination', 'destination_port', 'label', ...names].join(',')}\n`);
  }

  /** Writes all of `rows`. */
  write(rows: FeatureRows): void {
    for (let row = 0; row < rows.count; row++) this.writeRow(rows, row);
    this.rows += rows.count;
  }

  close(): void {
    this.file.close();
  }

  private writeRow(rows: FeatureRows, row: number): void {
    const keys = rows.keys.columns;
    const source = formatAddress(keys.source.bytes, row * 16);
    const isFlow = keys.protocol[row] !== 0 || keys.destination.bytes[row * 16 + 10] !== 0;
    const destination = isFlow ? formatAddress(keys.destination.bytes, row * 16) : '';
    const times = { startMs: keys.startUs[row]! / 1000, endMs: keys.timeUs[row]! / 1000 };
    const label = this.parts.labels?.labelOf({ ...times, source, destination }) ?? '';
    const values = Array.from(rows.features(row), (value) =>
      Number.isNaN(value) ? '' : Number(value.toPrecision(DIGITS)),
    );
    const key = [keys.timeUs[row], source, destination, keys.destinationPort[row], label];
    this.file.write(`${[...key, ...values].join(',')}\n`);
  }
}
