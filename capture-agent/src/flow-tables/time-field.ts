import { readNumber } from './field-text.js';
import { TIME_UNITS, type TimeUnit } from './fields.js';

/** Which number of `03/07/2017` is the day. */
export type DateOrder = 'day-first' | 'month-first';

/** How a table writes its times. */
export interface TimeStyle {
  /** Unit of times that are numbers; by their size when not given. */
  readonly unit?: TimeUnit | undefined;
  readonly order?: DateOrder | undefined;
  /** Hours 1 to 7 without AM or PM are in the afternoon: CICIDS2017 wrote twelve-hour times of a working day. */
  readonly isWorkingDay?: boolean | undefined;
}

const DAY_US = 86_400e6;
/** Numbers below each bound are in that unit: all four then lie between 1973 and 5138. */
const UNIT_BY_SIZE: readonly (readonly [below: number, unit: TimeUnit])[] = [
  [1e11, 's'],
  [1e14, 'ms'],
  [1e17, 'us'],
];
const SLASH = 47;
const DASH = 45;
const DOT = 46;
const COLON = 58;
const PLUS = 43;

/**
 * Reads times: seconds to nanoseconds since 1970, ISO 8601 dates, and dates with slashes. A date without a zone is UTC.
 * Gives NaN for what it cannot read, and for `03/07/2017` where the order is not known.
 */
export class TimeReader {
  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;
  private end = 0;
  /** Digits of the number that was read last. */
  private digits = 0;
  private dayKey = -1;
  private dayUs = 0;
  /** Whether a time without seconds was read. */
  sawWholeMinutes = false;

  constructor(private readonly style: TimeStyle = {}) {}

  /** Time in `bytes[start, end)`, whole µs since 1970-01-01 UTC; NaN when it is none. */
  read(bytes: Uint8Array, start: number, end: number): number {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    const first = this.number();
    const separator = bytes[this.at];
    const isDate = this.at < end && (separator === SLASH || (separator === DASH && this.digits === 4));
    return isDate ? this.date(first, separator) : this.count(bytes, start, end);
  }

  private count(bytes: Uint8Array, start: number, end: number): number {
    const value = readNumber(bytes, start, end);
    if (!(value >= 0)) return Number.NaN;
    const unit = this.style.unit ?? UNIT_BY_SIZE.find(([below]) => value < below)?.[1] ?? 'ns';
    return Math.round(value * TIME_UNITS[unit]);
  }

  /** Reads digits; −1 without any, or with more than nine. */
  private number(): number {
    const { bytes, end } = this;
    const start = this.at;
    let value = 0;
    for (; this.at < end; this.at++) {
      const digit = bytes[this.at]! - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.digits = this.at - start;
    return this.digits > 0 && this.digits <= 9 ? value : -1;
  }

  private skip(byte: number): boolean {
    if (this.at >= this.end || this.bytes[this.at] !== byte) return false;
    this.at++;
    return true;
  }

  private date(first: number, separator: number): number {
    const isYearFirst = this.digits === 4;
    this.skip(separator);
    const second = this.number();
    if (!this.skip(separator)) return Number.NaN;
    const third = this.number();
    const day = isYearFirst ? this.day(first, second, third) : this.orderedDay(first, second, third);
    return day + this.timeOfDay();
  }

  private orderedDay(first: number, second: number, year: number): number {
    const order = this.style.order ?? (first > 12 ? 'day-first' : second > 12 ? 'month-first' : undefined);
    if (order === undefined) return Number.NaN;
    return order === 'day-first' ? this.day(year, second, first) : this.day(year, first, second);
  }

  private day(year: number, month: number, day: number): number {
    const key = (year * 16 + month) * 32 + day;
    if (key === this.dayKey) return this.dayUs;
    const isPossible = year >= 1970 && year < 2200 && month >= 1 && month <= 12 && day >= 1;
    const date = new Date(Date.UTC(year, month - 1, day));
    if (!isPossible || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return Number.NaN;
    this.dayKey = key;
    this.dayUs = date.getTime() * 1000;
    return this.dayUs;
  }

  /** What follows the date: nothing, or a time with an optional fraction, half of the day and zone. */
  private timeOfDay(): number {
    if (this.at >= this.end) return 0;
    this.at++;
    let hour = this.number();
    if (hour < 0 || !this.skip(COLON)) return Number.NaN;
    const minute = this.number();
    let secondUs = 0;
    if (this.skip(COLON)) secondUs = this.number() * 1e6;
    else this.sawWholeMinutes = true;
    if (this.skip(DOT)) secondUs += this.fractionUs();
    hour = this.hourOfDay(hour);
    if (!(hour < 24 && minute >= 0 && minute < 60 && secondUs >= 0 && secondUs < 61e6)) return Number.NaN;
    return (hour * 60 + minute) * 60e6 + secondUs - this.zoneUs();
  }

  private fractionUs(): number {
    const value = this.number();
    return value < 0 ? Number.NaN : Math.round(value * 10 ** (6 - this.digits));
  }

  /** The hour with AM and PM heeded, or guessed where the style says so. */
  private hourOfDay(hour: number): number {
    const { bytes, end } = this;
    const at = bytes[this.at] === 32 ? this.at + 1 : this.at;
    const half = end - at >= 2 && (bytes[at + 1]! | 32) === 109 ? bytes[at]! | 32 : 0;
    if (half === 97 || half === 112) {
      this.at = at + 2;
      return hour > 12 ? Number.NaN : (hour % 12) + (half === 112 ? 12 : 0);
    }
    return this.style.isWorkingDay && hour >= 1 && hour <= 7 ? hour + 12 : hour;
  }

  /** Offset of the zone at the end; 0 for `Z` and none, NaN for anything else. */
  private zoneUs(): number {
    const { bytes, end } = this;
    if (this.at >= end) return 0;
    const sign = bytes[this.at++]!;
    if ((sign | 32) === 122) return this.at === end ? 0 : Number.NaN;
    if (sign !== PLUS && sign !== DASH) return Number.NaN;
    const hours = this.number();
    let minutes = 0;
    let total = hours * 60;
    if (this.digits === 4) total = Math.floor(hours / 100) * 60 + (hours % 100);
    else if (this.skip(COLON)) minutes = this.number();
    total += minutes;
    if (hours < 0 || minutes < 0 || this.at !== end || total * 60e6 >= DAY_US) return Number.NaN;
    return (sign === DASH ? -total : total) * 60e6;
  }
}
