import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ExportFormat, ExportTable } from '@weir/contracts/dashboard-api';
import { type Database, quoted } from './database.js';

interface ExportShape {
  readonly from: string;
  /** Column that the range is about. */
  readonly time: string;
  readonly columns: readonly string[];
  /** Columns whose text comes from the network or from people. */
  readonly text: readonly string[];
}

const SHAPES: Readonly<Record<ExportTable, ExportShape>> = {
  incidents: {
    from: 'incidents i LEFT JOIN triage t ON t.id = i.id', time: 'i.end_ms',
    columns: [
      'i.id', 'revision', 'kind', 'severity', 'state', 'confidence', 'score', 'magnitude', 'alerts', 'start_ms', 'end_ms',
      'detected_ms', 'hidden_by', "coalesce(status, 'new') AS status",
    ],
    text: ['title', 'summary', 'entity', 'domain', 'assignee', 'json'],
  },
  flows: {
    from: 'flows', time: 'end_ms',
    columns: [
      'sensor', 'community_id', 'originator', 'responder', 'originator_port', 'responder_port', 'protocol', 'start_ms',
      'end_ms', 'packets', 'bytes', 'originator_bytes', 'responder_bytes',
    ],
    text: ['outcome', 'application'],
  },
  traffic: {
    from: "(SELECT * FROM windows WHERE scope = 'network')", time: 'start_ms',
    columns: [
      'part AS partition', 'start_ms', 'packets', 'bytes', 'connections', 'failed_share', 'tcp_share', 'udp_share',
      'icmp_share', 'destinations', 'ports',
    ],
    text: [],
  },
  hosts: {
    from: "(SELECT * FROM windows WHERE scope = 'host')", time: 'start_ms',
    columns: [
      'start_ms', 'packets', 'bytes', 'connections', 'failed_share', 'tcp_share', 'udp_share', 'icmp_share',
      'destinations', 'ports', 'gap_mean_ms', 'mean_packet_bytes',
    ],
    text: ['address'],
  },
  sensors: { from: 'health', time: 'at_ms', columns: ['sensor', 'at_ms', 'heard_at'], text: ['json'] },
  audit: { from: 'audit', time: 'noted_at', columns: ['noted_at'], text: ['who', 'action', 'subject', 'details', 'came_from'] },
}; // biome-ignore format: columns in few lines

const FORMAT_OPTIONS: Readonly<Record<ExportFormat, string>> = {
  csv: 'FORMAT CSV, HEADER true',
  json: 'FORMAT JSON, ARRAY true',
  parquet: 'FORMAT PARQUET',
};

/** What to export. Times as numbers only, so that they may stand in a statement. */
export interface ExportRequest {
  readonly table: ExportTable;
  readonly format: ExportFormat;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** Writes the rows to a new file in `folder`, the export folder of the database, and gives its path. */
export async function exportTable(database: Database, folder: string, request: ExportRequest): Promise<string> {
  const { table, format, fromMs = 0, toMs = Number.MAX_SAFE_INTEGER } = request;
  const { from, time, columns, text } = SHAPES[table];
  const selected = [...columns, ...text.map((column) => (format === 'csv' ? safeText(column) : column))].join(', ');
  const rows = `SELECT ${selected} FROM ${from} WHERE ${time} >= ${Number(fromMs)} AND ${time} < ${Number(toMs)} ORDER BY ${time}`;
  const path = join(folder, `${randomUUID()}.${format}`);
  await database.rows(`COPY (${rows}) TO ${quoted(path)} (${FORMAT_OPTIONS[format]})`);
  return path;
}

/** Text that a spreadsheet would take for a formula gets a quote before it. */
function safeText(column: string): string {
  return `CASE WHEN regexp_matches(${column}, '^[=+@\\t\\r-]') THEN '''' || ${column} ELSE ${column} END AS ${column}`;
}
