import type { RowSpans } from './field-text.js';
import { FIELD, type FlowField } from './fields.js';

/** Room for one field's text; longer ones are no field of a flow. */
const MAX_FIELD_BYTES = 256;

/** Writes the wanted fields of one JSON object into spans of its own, so that they are read as those of any other row. */
export class JsonRowSplitter {
  private readonly keys: readonly (readonly [field: number, key: string])[];
  private readonly text = new Uint8Array(MAX_FIELD_BYTES * 32);
  private readonly decoder = new TextDecoder();
  private readonly encoder = new TextEncoder();

  constructor(columnNames: ReadonlyMap<FlowField, string>) {
    this.keys = [...columnNames].map(([field, key]) => [FIELD[field], key] as const);
  }

  /** Fills `spans` from the line in `bytes[start, end)`; false when it is no JSON object. A key that is not there is unset. */
  split(bytes: Uint8Array, start: number, end: number, spans: RowSpans): boolean {
    const row = this.parse(bytes, start, end);
    if (!row) return false;
    spans.bytes = this.text;
    let at = 0;
    for (const [field, key] of this.keys) {
      spans.starts[field] = at;
      at += this.write(row[key], at);
      spans.ends[field] = at;
    }
    return true;
  }

  private parse(bytes: Uint8Array, start: number, end: number): Record<string, unknown> | undefined {
    try {
      const value: unknown = JSON.parse(this.decoder.decode(bytes.subarray(start, end)));
      return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
    } catch {
      return undefined;
    }
  }

  private write(value: unknown, at: number): number {
    if (value === undefined || value === null) return 0;
    const text = typeof value === 'object' ? 'an object' : String(value);
    return this.encoder.encodeInto(text, this.text.subarray(at, at + MAX_FIELD_BYTES)).written;
  }
}
