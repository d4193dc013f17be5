import { ContractError, type FeatureListName, WINDOW_MEASURES } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { FeatureRows } from '../../features/feature-rows.js';
import type { HostWindowFacts } from '../../features/window-features.js';
import { LayoutError, type ScoreTime } from '../port.js';
import { decodeScoreRows, decodeScoreTime, encodeScoreRows, encodeScoreTime } from './score-message.js';

function rowsOf(width: number, count: number): FeatureRows {
  const rows = new FeatureRows(width);
  for (let k = 0; k < count; k++) {
    const row = rows.append();
    rows.keys.columns.timeUs[row] = 1.7e15 + k;
    rows.keys.columns.source.bytes.fill(k, row * 16, row * 16 + 16);
    rows.keys.columns.destinationPort[row] = 443;
    rows.features(row).fill(k % 3 === 0 ? 0 : k + 0.5);
    rows.features(row)[1] = Number.NaN;
  }
  return rows;
}

const measures = Object.fromEntries(WINDOW_MEASURES.map(({ field }, k) => [field, k / 3]));
const window = { scope: 'host', address: '10.0.0.1', startMs: 1.7e12, endMs: 1.7e12 + 10_000, ...measures };
const TIME: ScoreTime = {
  upstream: 'host/3',
  run: 2,
  watermarkS: 0xffff_ffff,
  accusations: [{ sources: ['10.0.0.1'], targets: [], detectedAtMs: 1.5 }],
  windows: [window as HostWindowFacts],
  passed: [{ upstream: 'flow/office/4', epoch: 1.7e12, sequence: 300 }],
};

describe('rows on their way to those who score', () => {
  const lists = new Map<FeatureListName, FeatureRows>([
    ['flow', rowsOf(42, 100)],
    ['sequence', rowsOf(32, 7)],
  ]);
  const mark = { upstream: 'flow/office/4', epoch: 1.7e12, first: 5, last: 9 };

  it('arrive as they were sent', () => {
    const { rows, ...told } = decodeScoreRows(encodeScoreRows({ ...mark, rows: lists }));
    expect(told).toEqual(mark);
    for (const [list, sent] of lists) {
      const came = rows.get(list)!;
      expect(came.count).toBe(sent.count);
      for (let row = 0; row < sent.count; row++) {
        expect(came.features(row)).toEqual(sent.features(row));
        expect(came.keys.columns.timeUs[row]).toBe(sent.keys.columns.timeUs[row]);
        expect(came.keys.columns.source.bytes[row * 16]).toBe(row);
        expect(came.keys.columns.destinationPort[row]).toBe(443);
      }
    }
  });

  it('take a few bytes where nothing ended', () => {
    expect(encodeScoreRows({ ...mark, rows: new Map() }).length).toBeLessThan(32);
  });

  it('that end early are refused, wherever they are cut', () => {
    const bytes = encodeScoreRows({ ...mark, rows: lists });
    for (let length = 0; length < bytes.length; length += 61)
      expect(() => decodeScoreRows(bytes.subarray(0, length))).toThrow(LayoutError);
  });

  it('of another version are refused', () => {
    const bytes = encodeScoreRows({ ...mark, rows: lists });
    bytes[0] = 99;
    expect(() => decodeScoreRows(bytes)).toThrow(ContractError);
  });
});

describe('the time of a host partition', () => {
  it('arrives as it was sent', () => {
    expect(decodeScoreTime(encodeScoreTime(TIME))).toEqual(TIME);
    const quiet = { ...TIME, accusations: [], windows: [], passed: [] };
    expect(decodeScoreTime(encodeScoreTime(quiet))).toEqual(quiet);
    expect(encodeScoreTime(quiet).length).toBeLessThan(20);
  });

  it('that ends early is refused, wherever it is cut', () => {
    const bytes = encodeScoreTime(TIME);
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeScoreTime(bytes.subarray(0, length))).toThrow(/end early|no JSON|JSON/i);
  });
});
