import { readFileSync } from 'node:fs';
import { FEATURE_LISTS, parseAddress } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { DEFAULT_DETECTION_CONFIG } from '../config.js';
import { EntitySlots } from './entity-slots.js';
import { FeatureCollector } from './feature-collector.js';
import { rowsInOrder } from './row-order.js';
import { ByteReader, ByteWriter } from './state-bytes.js';

const TOLD = ['originatorPayloadBytes', 'responderPayloadBytes', 'originatorPackets', 'answered', 'rejected'] as const;

type SaidFlow = { startS: number; source: string; destination: string; port: number; context: number[] } & Record<
  (typeof TOLD)[number],
  number
>;

const FLOWS: SaidFlow[] = JSON.parse(
  readFileSync(new URL('../../../models/fixtures/context/rows.json', import.meta.url), 'utf8'),
).flows;

const WIDTH = FEATURE_LISTS['flow-context'].length;
const OWN = FEATURE_LISTS.flow.length;
const placeOf = (name: string) => FEATURE_LISTS.flow.findIndex((feature) => feature.name === name);

function collectorOf(flows: readonly SaidFlow[]): FeatureCollector {
  const collector = new FeatureCollector('flow-context', DEFAULT_DETECTION_CONFIG.flow);
  for (const flow of flows) {
    const row = collector.rows.append();
    const keys = collector.rows.keys.columns;
    keys.timeUs[row] = keys.startUs[row] = flow.startS * 1e6;
    keys.tellableS[row] = Math.floor(flow.startS) + 1;
    keys.source.bytes.set(parseAddress(flow.source), row * 16);
    keys.destination.bytes.set(parseAddress(flow.destination), row * 16);
    keys.destinationPort[row] = flow.port;
    const features = collector.rows.features(row).fill(0);
    for (const name of TOLD) features[placeOf(name)] = flow[name];
  }
  return collector;
}

/** What is told of the rows `[from, to)` of a collector, in the order in which they came. */
function contextOf(collector: FeatureCollector, from = 0, to = collector.rows.count): number[][] {
  const out = new Float32Array(WIDTH);
  return Array.from({ length: to - from }, (_, k) => {
    collector.writeFeatures(from + k, out, 0);
    return [...out.subarray(OWN)];
  });
}

/** Numbers are the same to six digits: logarithms and powers end differently in other languages. */
function expectEqual(told: readonly number[][], wanted: readonly (readonly number[])[]): void {
  expect(told.length).toBe(wanted.length);
  for (const [row, values] of told.entries())
    for (const [k, value] of values.entries()) {
      const { name } = FEATURE_LISTS['flow-context'][OWN + k]!;
      const difference = Math.abs(value - wanted[row]![k]!) / Math.max(1e-6, Math.abs(wanted[row]![k]!));
      expect(difference, `${name} of row ${row}`).toBeLessThan(2e-6);
    }
}

describe('what was done before a flow', () => {
  it('is told as the training program tells it, row by row', () => {
    expectEqual(
      contextOf(collectorOf(FLOWS)),
      FLOWS.map(({ context }) => context),
    );
  });

  it('goes on from bytes as if nothing had been between', () => {
    const whole = contextOf(collectorOf(FLOWS));
    const [before, after] = [collectorOf(FLOWS), collectorOf(FLOWS)];
    contextOf(before, 0, 100);
    const writer = new ByteWriter();
    before.write(writer);
    const reader = new ByteReader(writer.finish());
    after.read(reader);
    reader.expectEnd();
    expect(contextOf(after, 100)).toEqual(whole.slice(100));
  });

  it('is forgotten when time begins anew', () => {
    const collector = collectorOf(FLOWS);
    const first = contextOf(collector);
    expect(contextOf(collector)).not.toEqual(first);
    collector.forget();
    expect(contextOf(collector)).toEqual(first);
  });

  it('does not depend on how rows came, where an input is put in order at its end', () => {
    const told = (flows: readonly SaidFlow[]) => {
      const rows = rowsInOrder(collectorOf(flows));
      return Array.from({ length: rows.count }, (_, row) => [...rows.features(row)]);
    };
    expect(told([...FLOWS].reverse())).toEqual(told(FLOWS));
  });
});

describe('slots of entities', () => {
  it('are bounded, and go to those that were met last', () => {
    const slots = new EntitySlots(3);
    expect([7, 8, 9].map((key) => slots.meet(key))).toEqual([0, 1, 2].map((slot) => ({ slot, isNew: true })));
    expect(slots.meet(7)).toEqual({ slot: 0, isNew: false });
    expect(slots.meet(10)).toEqual({ slot: 1, isNew: true });
    expect(slots.meet(8)).toEqual({ slot: 2, isNew: true });
    expect(slots.count).toBe(3);
  });
});
