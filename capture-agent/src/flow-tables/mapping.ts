import { readFileSync } from 'node:fs';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { SourceError } from '../sources/source.js';
import { FLOW_FIELDS, type FlowField } from './fields.js';

const unit = Type.Union([Type.Literal('s'), Type.Literal('ms'), Type.Literal('us'), Type.Literal('ns')]);
const order = Type.Union([Type.Literal('day-first'), Type.Literal('month-first')]);

const ColumnName = Type.Union([Type.String({ minLength: 1 }), Type.Integer({ minimum: 1, maximum: 4096 })]);
const MappedColumn = Type.Object(
  {
    column: ColumnName,
    unit: Type.Optional(unit),
    order: Type.Optional(order),
  },
  { additionalProperties: false },
);

/** A mapping file: which of a table's columns holds which field. Only what it names is read. */
export const FlowTableMapping = Type.Object(
  {
    columns: Type.Record(Type.String(), Type.Union([ColumnName, MappedColumn])),
    delimiter: Type.Optional(Type.String({ minLength: 1, maxLength: 1 })),
    header: Type.Optional(Type.Boolean()),
  },
  { $id: 'FlowTableMapping', additionalProperties: false },
);

/** A column of the table, by name or by number from 1, and how it counts time. */
export type MappedColumn = Static<typeof MappedColumn>;

/** A mapping as it is used. */
export interface Mapping {
  readonly path: string;
  readonly columns: ReadonlyMap<FlowField, MappedColumn>;
  readonly delimiter?: string | undefined;
  readonly hasHeader: boolean;
}

/** The mapping in the JSON file at `path`. Throws a SourceError that names file, entry and what was expected. */
export function loadMapping(path: string): Mapping {
  const value = parse(path);
  if (!Value.Check(FlowTableMapping, value)) {
    const first = Value.Errors(FlowTableMapping, value).First();
    throw wrong(path, `${first?.path || '/'}: ${first?.message.toLowerCase()}`);
  }
  const columns = Object.entries(value.columns).map(([name, column]) => {
    if (!(FLOW_FIELDS as readonly string[]).includes(name))
      throw wrong(path, `columns."${name}" is nothing that Weir reads. Known: ${FLOW_FIELDS.join(', ')}`);
    return [name as FlowField, typeof column === 'object' ? column : { column }] as const;
  });
  return { path, columns: new Map(columns), delimiter: value.delimiter, hasHeader: value.header ?? true };
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw wrong(path, (error as Error).message);
  }
}

function wrong(path: string, fault: string): SourceError {
  return new SourceError(
    `the mapping file "${path}" cannot be used: ${fault}. Expected such as {"columns": {"time": {"column": "start", "unit": "ms"}, "originatorAddress": "src", "responderAddress": "dst"}}.`,
  );
}
