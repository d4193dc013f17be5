import type { Incident } from '@weir/contracts';

const COLUMNS: readonly (readonly [string, (incident: Incident) => string | number])[] = [
  ['severity', (i) => i.severity],
  ['kind', (i) => i.kind],
  ['start', (i) => new Date(i.startMs).toISOString()],
  ['end', (i) => new Date(i.endMs).toISOString()],
  ['sources', (i) => i.sources.join(' ')],
  ['targets', (i) => i.targets.join(' ')],
  ['domain', (i) => i.domain ?? ''],
  ['confidence', (i) => i.confidence],
  ['score', (i) => i.score],
  ['magnitude', (i) => i.magnitude],
  ['alerts', (i) => i.alerts],
  ['techniques', (i) => i.techniques.map(({ id }) => id).join(' ')],
  ['title', (i) => i.title],
  ['summary', (i) => i.summary],
  ['id', (i) => i.id],
];

/** Anomalies as CSV (RFC 4180), a line each, with a header. */
export function reportCsv(incidents: readonly Incident[]): string {
  const header = COLUMNS.map(([name]) => name);
  const lines = [header, ...incidents.map((incident) => COLUMNS.map(([, cell]) => cell(incident)))];
  return lines.map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

/**
 * A cell of a CSV line. Text that a spreadsheet would take for a formula gets a quote before it, as names in it come from
 * the network.
 */
export function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
