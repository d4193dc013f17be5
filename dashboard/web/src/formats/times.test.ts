import { describe, expect, it } from 'vitest';
import { ago, clockTime, dateTime, day, machineTime, toLocalInput, utc, zone } from './times.js';

const AT = new Date(2024, 4, 15, 9, 1, 20).getTime();

describe('times', () => {
  it('are in the zone of the viewer', () => {
    expect(clockTime(AT)).toBe('09:01:20');
    expect(day(AT)).toBe('15 May 2024');
    expect(toLocalInput(AT)).toBe('2024-05-15T09:01');
  });

  it('name the zone that they are in, that of the season', () => {
    const hours = -new Date(AT).getTimezoneOffset() / 60;
    expect(zone(AT)).toMatch(hours === 0 ? /^(UTC|GMT)$/ : /^[A-Z]{2,5}([+-]\d+(:\d+)?)?$/);
    expect(zone(Number.NaN)).toBe('');
  });

  it('leave today out', () => {
    expect(dateTime(AT, AT + 1000)).toBe('09:01:20');
    expect(dateTime(AT, AT + 86_400_000)).toBe('15 May 2024 09:01:20');
    expect(dateTime(AT)).toBe('15 May 2024 09:01:20');
  });

  it('are in UTC where one points', () => {
    expect(utc(Date.UTC(2024, 4, 15, 9, 1, 20))).toBe('2024-05-15 09:01:20 UTC');
    expect(utc(Number.NaN)).toBe('—');
    expect(machineTime(Number.POSITIVE_INFINITY)).toBe('');
  });

  it.each([
    [500, 'just now'],
    [40_000, '40 s ago'],
    [300_000, '5 min ago'],
    [7_300_000, '2 h ago'],
  ])('of %d ms ago are told as %s', (ms, text) => expect(ago(AT - ms, AT)).toBe(text));
});
