/** Times as people read them: the viewer's zone in the text, UTC where one points. All arguments are Unix epoch ms. */

const two = (value: number) => String(value).padStart(2, '0');

/** `14:03:20`, in the viewer's zone. */
export function clockTime(ms: number): string {
  const at = new Date(ms);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** `14:03`, in the viewer's zone. */
export function hourMinute(ms: number): string {
  return clockTime(ms).slice(0, 5);
}

/** `15 May 2024`, in the viewer's zone. */
export function day(ms: number): string {
  return new Date(ms).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
}

/** `15 May 2024 14:03:20`; the day is left out when it is that of `nowMs`. */
export function dateTime(ms: number, nowMs = Number.NaN): string {
  return day(ms) === day(nowMs) ? clockTime(ms) : `${day(ms)} ${clockTime(ms)}`;
}

/** The viewer's zone at that time in short, such as `UTC`, `BST` or `GMT+2`; empty for what is no time. */
export function zone(ms: number): string {
  if (machineTime(ms) === '') return '';
  const parts = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' }).formatToParts(ms);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** `2024-05-15 09:01:20 UTC`, for titles. */
export function utc(ms: number): string {
  return Number.isFinite(ms) ? `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC` : '—';
}

/** ISO 8601 for `<time datetime>`; empty for what is no time. */
export function machineTime(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : '';
}

/** `just now`, `40 s ago`, `5 min ago`, `3 h ago`, then the date. */
export function ago(ms: number, nowMs: number): string {
  const seconds = Math.floor((nowMs - ms) / 1000);
  if (!Number.isFinite(seconds)) return '—';
  if (seconds < 2) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return dateTime(ms);
}

/** Value of an `<input type="datetime-local">` in the viewer's zone. */
export function toLocalInput(ms: number): string {
  const at = new Date(ms);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${hourMinute(ms)}`;
}
