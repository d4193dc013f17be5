import type { Calibration } from '@weir/contracts';
import { openState, sealState } from '../features/sealed-state.js';
import type { ByteReader, ByteWriter } from '../features/state-bytes.js';
import type { Learned, SampleRow, ScoreState } from './state.js';
import { initialScoreState } from './state.js';
import { tailOf } from './tail.js';

/** Raised whenever what is written changes. */
const LAYOUT_VERSION = 1;

/** A state with the model that it belongs to, as bytes; equal states give equal bytes. */
export function encodeScoreState(model: string, state: ScoreState): Uint8Array<ArrayBuffer> {
  return sealState(LAYOUT_VERSION, (writer) => writeScoreState(writer, model, state));
}

/** The same within other bytes, without version and checksum. */
export function writeScoreState(writer: ByteWriter, model: string, state: ScoreState): void {
  writer.string(model);
  for (const value of numbersOf(state)) writer.f64(value);
  writeMap(writer, state.said);
  writeMap(writer, state.strangest);
  writeMap(writer, state.accused);
  writeSample(writer, state.slotSample);
  writeSample(writer, state.sample);
  writer.floats(state.drift.reference);
  writer.floats(state.drift.recent);
  writer.u8(state.learned ? 1 : 0);
  if (state.learned) writeLearned(writer, state.learned);
}

/** What `encodeScoreState` wrote. Throws a LayoutError for another layout version or damaged bytes. */
export function decodeScoreState(bytes: Uint8Array): { model: string; state: ScoreState } {
  return openState(bytes, 'score', { version: LAYOUT_VERSION, read: readScoreState });
}

/** What `writeScoreState` wrote. */
export function readScoreState(reader: ByteReader): { model: string; state: ScoreState } {
  const model = reader.string();
  const [slotS, slots, cleanRows, alarmsSince, slotsSince, rows, alarms, toldByRules, alarmsHeldBack] = Array.from(
    { length: 9 },
    () => reader.f64(),
  ) as [number, number, number, number, number, number, number, number, number];
  const state: ScoreState = {
    slotS,
    slots,
    cleanRows,
    alarmsSince,
    slotsSince,
    counters: { rows, alarms, toldByRules, alarmsHeldBack },
    said: readMap(reader),
    strangest: readMap(reader),
    accused: readMap(reader),
    slotSample: readSample(reader),
    sample: readSample(reader),
    drift: { reference: reader.floats(), recent: reader.floats() },
    learned: undefined,
  };
  if (reader.u8() === 1) state.learned = readLearned(reader);
  return { model, state };
}

function numbersOf({ slotS, slots, cleanRows, alarmsSince, slotsSince, counters }: ScoreState): number[] {
  const { rows, alarms, toldByRules, alarmsHeldBack } = counters;
  return [slotS, slots, cleanRows, alarmsSince, slotsSince, rows, alarms, toldByRules, alarmsHeldBack];
}

/** What the next run is to know: all that was learned, and nothing of the time that was under way. */
export function carriedOver(state: ScoreState): ScoreState {
  const { slots, sample, cleanRows, learned, alarmsSince, slotsSince, drift } = state;
  return { ...initialScoreState(), slots, sample, cleanRows, learned, alarmsSince, slotsSince, drift };
}

function writeMap(writer: ByteWriter, map: ReadonlyMap<number, number>): void {
  writer.floats(Float64Array.from([...map].flat()));
}

function readMap(reader: ByteReader): Map<number, number> {
  const flat = reader.floats();
  const map = new Map<number, number>();
  for (let k = 0; k + 1 < flat.length; k += 2) map.set(flat[k]!, flat[k + 1]!);
  return map;
}

function writeSample(writer: ByteWriter, sample: readonly SampleRow[]): void {
  writer.u32(sample.length);
  for (const { hash, source, destination, slotS, scores } of sample)
    writer.floats(Float64Array.of(hash, source, destination, slotS, ...scores));
}

function readSample(reader: ByteReader): SampleRow[] {
  return Array.from({ length: reader.u32() }, () => {
    const [hash, source, destination, slotS, ...scores] = reader.floats();
    return { hash: hash!, source: source!, destination: destination!, slotS: slotS!, scores };
  });
}

function writeLearned(writer: ByteWriter, { tables, cells, threshold, anchor, raisedBy }: Learned): void {
  writer.floats(Float64Array.of(threshold, anchor, raisedBy, cells.observedDays));
  writer.floats(Float64Array.from(cells.strangest));
  writer.u32(tables.members.length);
  for (const member of tables.members) writeCalibration(writer, member.calibration);
  writer.u8(tables.combined ? 1 : 0);
  if (tables.combined) writeCalibration(writer, tables.combined.calibration);
}

function readLearned(reader: ByteReader): Learned {
  const [threshold, anchor, raisedBy, observedDays] = reader.floats();
  const cells = { observedDays: observedDays!, strangest: [...reader.floats()] };
  const members = Array.from({ length: reader.u32() }, () => tailOf(readCalibration(reader)));
  const combined = reader.u8() === 1 ? tailOf(readCalibration(reader)) : undefined;
  return { tables: { members, combined }, cells, threshold: threshold!, anchor: anchor!, raisedBy: raisedBy! };
}

function writeCalibration(writer: ByteWriter, { rows, quantiles, tail }: Calibration): void {
  writer.f64(rows);
  writer.floats(Float64Array.from(quantiles.flat()));
  writer.floats(tail ? Float64Array.of(tail.threshold, tail.shape, tail.scale, tail.share) : new Float64Array(0));
}

function readCalibration(reader: ByteReader): Calibration {
  const rows = reader.f64();
  const flat = reader.floats();
  const quantiles = Array.from({ length: flat.length / 2 }, (_, k): [number, number] => [
    flat[2 * k]!,
    flat[2 * k + 1]!,
  ]);
  const [threshold, shape, scale, share] = reader.floats();
  if (threshold === undefined) return { rows, quantiles };
  return { rows, quantiles, tail: { threshold, shape: shape!, scale: scale!, share: share! } };
}
