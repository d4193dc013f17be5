import type { Output } from '../io.js';
import { formatCount, formatDuration, formatShort } from './numbers.js';

/** How far a run has come. */
export interface Progress {
  readonly packets: number;
  /** Default: packets. */
  readonly unit?: 'packets' | 'rows' | undefined;
  readonly elapsedMs: number;
  /** Undefined where the size of the input is unknown. */
  readonly bytes: { readBytes: number; totalBytes: number } | undefined;
}

const BAR_COLUMNS = 24;

/** `[=========>      ]  42 %  183,000 packets  1.1 M/s  0.3 s left`; without a bar where the size is unknown. */
export function progressText({ packets, elapsedMs, bytes, unit = 'packets' }: Progress): string {
  const rate = `${formatCount(packets)} ${unit}  ${formatShort(packets / Math.max(elapsedMs / 1000, 0.001))}/s`;
  if (!bytes || bytes.totalBytes <= 0) return `${rate}  ${formatDuration(elapsedMs)}`;
  const share = Math.min(1, bytes.readBytes / bytes.totalBytes);
  const left = share > 0 ? `  ${formatDuration((elapsedMs / share) * (1 - share))} left` : '';
  return `${bar(share)} ${Math.floor(share * 100)
    .toString()
    .padStart(3)} %  ${rate}${left}`;
}

function bar(share: number): string {
  const filled = Math.round(share * BAR_COLUMNS);
  const body = filled === BAR_COLUMNS ? '='.repeat(filled) : `${'='.repeat(filled)}>`;
  return `[${body.slice(0, BAR_COLUMNS).padEnd(BAR_COLUMNS)}]`;
}

const REDRAW_MS = 200;
const ERASE_LINE = '\r\u001b[2K';

/** One line at the foot of a terminal, redrawn at most five times a second. Draws nothing elsewhere. */
export class ProgressLine {
  private drawnAtMs = Number.NEGATIVE_INFINITY;
  private isDrawn = false;

  constructor(
    private readonly output: Output,
    private readonly isWanted: boolean,
  ) {}

  update(read: () => Progress, elapsedMs: number): void {
    if (!this.isWanted || !this.output.isTerminal || elapsedMs - this.drawnAtMs < REDRAW_MS) return;
    this.drawnAtMs = elapsedMs;
    this.isDrawn = true;
    this.output.write(ERASE_LINE + progressText(read()).slice(0, this.output.columns - 1));
  }

  /** Makes room for other text; the line comes back with the next update. */
  clear(): void {
    if (!this.isDrawn) return;
    this.isDrawn = false;
    this.drawnAtMs = Number.NEGATIVE_INFINITY;
    this.output.write(ERASE_LINE);
  }
}
