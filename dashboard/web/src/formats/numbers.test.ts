import { describe, expect, it } from 'vitest';
import { bitRate, bytes, count, duration, measured, percent, short, whole } from './numbers.js';

describe('numbers', () => {
  it.each([
    [0, '0'],
    [1, '1'],
    [999, '999'],
    [999.6, '1 k'],
    [1234, '1.23 k'],
    [1_100_000, '1.1 M'],
    [-4200, '−4.2 k'.replace('−', '-')],
    [0.0421, '0.0421'],
    [0.00001, '1.0 × 10^−5'],
    [Number.NaN, '—'],
  ])('shows %d as %s', (value, text) => expect(short(value)).toBe(text));

  it('says one of a thing in the singular', () => {
    expect(count(1, 'flow')).toBe('1 flow');
    expect(count(0, 'flow')).toBe('0 flows');
    expect(count(2, 'entry', 'entries')).toBe('2 entries');
  });

  it('gives bytes and bits their units', () => {
    expect(bytes(0)).toBe('0 B');
    expect(bytes(1_500_000)).toBe('1.5 MB');
    expect(bitRate(1_500_000)).toBe('12 Mbit/s');
    expect(bitRate(0)).toBe('0 bit/s');
  });

  it('shows shares as per cent', () => expect(percent(0.994)).toBe('99.4 %'));
  it('sets thousands apart', () => expect(whole(28371)).toBe('28,371'));
});

describe('durations', () => {
  it.each([
    [0, '0 ms'],
    [850, '850 ms'],
    [12_400, '12.4 s'],
    [59_960, '1 min'],
    [200_000, '3 min 20 s'],
    [3_600_000, '1 h'],
    [187_200_000, '2 d 4 h'],
    [-1500, '−1.5 s'],
  ])('shows %d ms as %s', (ms, text) => expect(duration(ms)).toBe(text));
});

describe('evidence', () => {
  it.each([
    [505, 'port', '505 ports'],
    [1, 'port', '1 port'],
    [3, 'address', '3 addresses'],
    [2, 'query', '2 queries'],
    [0.5, 'share', '50 %'],
    [0.99, '1', '0.99'],
    [1500, 'ms', '1.5 s'],
    [2_000_000, 'byte', '2 MB'],
    [2_000, 'packet/s', '2 k packets/s'],
  ])('shows %d in %s as %s', (value, unit, text) => expect(measured(value, unit)).toBe(text));
});
