const GROUPS = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A count with thousands separated: `439,616`. */
export function formatCount(count: number): string {
  return GROUPS.format(count);
}

/** A count with its noun: `1 packet`, `439,616 packets`. */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

const STEPS = [
  { from: 1e9, suffix: ' G' },
  { from: 1e6, suffix: ' M' },
  { from: 1e3, suffix: ' k' },
] as const;

/** A rate or size in three figures: `1.1 M`, `439 k`, `12`. */
export function formatShort(value: number): string {
  const step = STEPS.find(({ from }) => Math.abs(value) >= from);
  return step ? `${threeFigures(value / step.from)}${step.suffix}` : threeFigures(value);
}

function threeFigures(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return trimZeros(value.toFixed(size >= 10 ? 1 : 2));
}

/** A measured value for a table: whole numbers with separators, others in three figures; tiny ones keep two. */
export function formatMeasure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return formatCount(value);
  if (Math.abs(value) >= 0.01) return threeFigures(value);
  return String(Number(value.toPrecision(2)));
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** A duration for people: `34 ms`, `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`, `341 d 22 h`. */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000;
  if (ms > 0 && ms < 50) return `${Math.max(1, Math.round(ms))} ms`;
  if (seconds < 10) return `${trimZeros(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return joinUnits(minutes, 'min', whole % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return joinUnits(hours, 'h', minutes % 60, 'min');
  return joinUnits(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function joinUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small > 0 ? `${large} ${largeUnit} ${small} ${smallUnit}` : `${large} ${largeUnit}`;
}

/** Capture time in UTC to the second: `2024-03-01 12:00:05`. Empty for times outside the calendar. */
export function formatTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 19).replace('T', ' ');
}

/** Time of day in UTC: `12:00:05`. */
export function formatClock(ms: number): string {
  return formatTime(ms).slice(11);
}
