import type { AttackLabel } from './attacks/attack.js';
import type { Tally } from './simulation.js';

/** One attack of a capture, in the columns that the score program reads. */
export interface TruthRow {
  /** Time of the attack's first packet, seconds since 1970 UTC with microseconds. */
  readonly start_epoch: string;
  /** Time of its last packet. */
  readonly end_epoch: string;
  readonly label: string;
  readonly category: AttackLabel['category'];
  /** An address, or how many spoofed ones. */
  readonly attacker: string;
  /** Address with port, network, or address with a remark. */
  readonly victim: string;
  /** Packets of the attack, answers included. */
  readonly packets: number;
  readonly source_file: string;
  readonly note: string;
}

const COLUMNS = [
  'start_epoch',
  'end_epoch',
  'label',
  'category',
  'attacker',
  'victim',
  'packets',
  'source_file',
  'note',
] as const satisfies readonly (keyof TruthRow)[];

function epochText(timeUs: number): string {
  return `${Math.floor(timeUs / 1_000_000)}.${String(timeUs % 1_000_000).padStart(6, '0')}`;
}

/** The row of one attack; its tally must hold at least one packet. */
export function truthRow(label: AttackLabel, tally: Tally, captureName: string): TruthRow {
  const { packets } = tally;
  const times = { start_epoch: epochText(tally.firstUs), end_epoch: epochText(tally.lastUs) };
  return { ...times, ...label, packets, source_file: captureName };
}

/** The rows as CSV (RFC 4180 quoting, line feeds), with a heading; only the heading where nothing was attacked. */
export function truthCsv(rows: readonly TruthRow[]): string {
  const lines = rows.map((row) => COLUMNS.map((column) => quoted(String(row[column]))).join(','));
  return `${[COLUMNS.join(','), ...lines].join('\n')}\n`;
}

function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
