import type { DuckDBAppender } from '@duckdb/node-api';
import type { Cell, Transaction } from './database.js';
import type { StagedRow } from './rows.js';
import { type ColumnType, type StagedTable, stageOf, TABLES } from './schema.js';

/** Statements that take the gathered rows of a table in. What a repeat does is part of each. */
const TAKE_IN: Readonly<Record<StagedTable, string>> = {
  incidents: takeIn(
    'incidents',
    `DO UPDATE SET ${assignments('incidents')} WHERE excluded.revision > incidents.revision`,
  ),
  incident_hosts: takeIn('incident_hosts', 'DO NOTHING'),
  restatements: takeIn('restatements', 'DO NOTHING'),
  flows: 'INSERT INTO flows SELECT * FROM staged_flows',
  windows: takeIn('windows', 'DO NOTHING'),
  seconds: takeIn('seconds', `DO UPDATE SET ${assignments('seconds')}`),
  peers: takeIn('peers', 'DO NOTHING'),
  health: takeIn('health', `DO UPDATE SET ${assignments('health')}`),
};

/** Flows that are there already, as a producer that was restarted tells them again. */
const TAKE_IN_NEW_FLOWS = `INSERT INTO flows SELECT DISTINCT s.* FROM staged_flows s ANTI JOIN flows f
  ON s.end_ms = f.end_ms AND s.start_ms = f.start_ms AND s.community_id = f.community_id AND s.sensor = f.sensor`;

/** Writes rows into tables, many at a time. `mayRepeat`: rows may be there already. */
export async function takeRows(
  transaction: Transaction,
  tables: Readonly<Record<StagedTable, readonly StagedRow[]>>,
  mayRepeat: boolean,
): Promise<void> {
  for (const [name, rows] of Object.entries(tables) as [StagedTable, readonly StagedRow[]][]) {
    if (rows.length === 0) continue;
    await appendRows(transaction, name, rows);
    await transaction.rows(name === 'flows' && mayRepeat ? TAKE_IN_NEW_FLOWS : TAKE_IN[name]);
    await transaction.rows(`DELETE FROM ${stageOf(name)}`);
  }
}

async function appendRows({ connection }: Transaction, name: StagedTable, rows: readonly StagedRow[]): Promise<void> {
  const columns = Object.entries(TABLES[name].columns) as [string, ColumnType][];
  const appender = await connection.createAppender(stageOf(name), 'main', 'temp');
  for (const row of rows) {
    for (const [column, type] of columns) appendCell(appender, type, row[column] ?? null);
    appender.endRow();
  }
  appender.closeSync();
}

function appendCell(appender: DuckDBAppender, type: ColumnType, value: Cell): void {
  if (value === null) appender.appendNull();
  else if (type === 'VARCHAR') appender.appendVarchar(withoutZeros(String(value)));
  else if (type === 'DOUBLE') appender.appendDouble(Number(value));
  else if (type === 'INTEGER') appender.appendInteger(Number(value));
  else appender.appendBoolean(value === true);
}

/** Text from the network may hold the zero that ends a string in C. */
function withoutZeros(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
}

function takeIn(name: StagedTable, onConflict: string): string {
  const key = TABLES[name].key.join(', ');
  return `INSERT INTO ${name} SELECT DISTINCT ON (${key}) * FROM ${stageOf(name)} ON CONFLICT (${key}) ${onConflict}`;
}

function assignments(name: StagedTable): string {
  const { columns, key } = TABLES[name];
  const kept: readonly string[] = key;
  return Object.keys(columns)
    .filter((column) => !kept.includes(column))
    .map((column) => `${column} = excluded.${column}`)
    .join(', ');
}
