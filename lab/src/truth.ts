import type { PacketSpan } from './capture.js';

/** One attack that took place. */
export interface TruthRow extends PacketSpan {
  readonly label: string;
  readonly category: string;
  readonly attacker: string;
  readonly victim: string;
  readonly note: string;
}

const HEADER = 'start_epoch,end_epoch,label,category,attacker,victim,packets,source_file,note';

/** The truth file: one row an attack, in the order of time, first and last packet as the sensor saw them. */
export function truthCsv(rows: readonly TruthRow[], captureName: string): string {
  const lines = [...rows]
    .sort((a, b) => a.startS - b.startS)
    .map((row) => {
      const times = [row.startS.toFixed(6), row.endS.toFixed(6)];
      const who = [row.label, row.category, row.attacker, row.victim];
      return [...times, ...who, String(row.packets), captureName, row.note].map(csvField).join(',');
    });
  return `${[HEADER, ...lines].join('\n')}\n`;
}

function csvField(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
