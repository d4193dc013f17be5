/** Numbers as people read them. Every function gives text with its unit. */

const SI = ['', 'k', 'M', 'G', 'T', 'P'] as const;
const BINARY_FREE_BYTES = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Three significant digits, no exponent, thousands by a thin step to k, M, G (SI). `—` for what is no number. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '—';
  const { scaled, step } = scale(value, SI.length);
  return `${digits(scaled)}${step === 0 ? '' : ` ${SI[step]}`}`;
}

/** A count with its unit: `1 flow`, `12 flows`, `1.2 M packets`. The plural adds an s unless given. */
export function count(value: number, unit: string, plural = `${unit}s`): string {
  return `${short(value)} ${value === 1 ? unit : plural}`;
}

/** Bytes in powers of 1000: `1.5 MB`. */
export function bytes(value: number): string {
  if (!Number.isFinite(value)) return '—';
  const { scaled, step } = scale(value, BINARY_FREE_BYTES.length);
  return `${digits(scaled)} ${BINARY_FREE_BYTES[step]}`;
}

/** Bits a second from bytes a second: `12 Mbit/s`. */
export function bitRate(bytesPerSecond: number): string {
  if (!Number.isFinite(bytesPerSecond)) return '—';
  const { scaled, step } = scale(bytesPerSecond * 8, SI.length);
  return `${digits(scaled)} ${SI[step]}bit/s`;
}

/** A share in [0, 1] as per cent: `99.4 %`. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return '—';
  return `${digits(share * 100)} %`;
}

/** A whole number with thousands apart, for tables and titles: `28,371`. */
export function whole(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString('en') : '—';
}

/** A length of time from milliseconds in its two largest parts: `850 ms`, `12.4 s`, `3 min 20 s`, `2 d 4 h`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '—';
  if (ms < 0) return `−${duration(-ms)}`;
  if (ms < 1000) return `${digits(ms)} ms`;
  if (ms < 59_950) return `${digits(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return pair(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(minutes / 60);
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** What was measured, with its unit as the contract writes it: `505 ports`, `2 k packets/s`, `1.5 MB`; unit 1 is a plain number. */
export function measured(value: number, unit: string): string {
  switch (unit) {
    case '1':
    case '':
      return short(value);
    case 'share':
      return percent(value);
    case 'byte':
      return bytes(value);
    case 'byte/s':
      return `${bytes(value)}/s`;
    case 'ms':
      return duration(value);
    case 's':
      return duration(value * 1000);
    default:
      return `${short(value)} ${value === 1 ? unit : plural(unit)}`;
  }
}

/** `packets/s` of `packet/s`. */
function plural(unit: string): string {
  const [noun = '', ...rest] = unit.split('/');
  const many = /[^aeiou]y$/.test(noun)
    ? `${noun.slice(0, -1)}ies`
    : /(s|x|sh|ch)$/.test(noun)
      ? `${noun}es`
      : `${noun}s`;
  return [/^[a-z ]+$/.test(noun) ? many : noun, ...rest].join('/');
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

function scale(value: number, steps: number): { scaled: number; step: number } {
  let scaled = value;
  let step = 0;
  // 999.5 would be shown as 1000, so it belongs to the next step.
  while (Math.abs(scaled) >= 999.5 && step < steps - 1) {
    scaled /= 1000;
    step++;
  }
  return { scaled, step };
}

function digits(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 99.95) return String(Math.round(value));
  if (size > 0 && size < 0.001) return value.toExponential(1).replace('e-', ' × 10^−');
  return String(Number(value.toPrecision(3)));
}
