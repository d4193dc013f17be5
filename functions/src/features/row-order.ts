import { hashAddress } from '@weir/contracts';
import type { FeatureCollector } from './feature-collector.js';
import { FeatureRows } from './feature-rows.js';

/** The order of time; rows of one second by their keys, so that it does not matter how they came. */
export function inOrder({ keys: { columns: c } }: FeatureRows, a: number, b: number): number {
  return (
    c.tellableS[a]! - c.tellableS[b]! ||
    c.timeUs[a]! - c.timeUs[b]! ||
    c.startUs[a]! - c.startUs[b]! ||
    hashAddress(c.source.words, a * 4) - hashAddress(c.source.words, b * 4) ||
    hashAddress(c.destination.words, a * 4) - hashAddress(c.destination.words, b * 4) ||
    c.sourcePort[a]! - c.sourcePort[b]! ||
    c.destinationPort[a]! - c.destinationPort[b]! ||
    c.protocol[a]! - c.protocol[b]!
  );
}

/**
 * All rows that were collected, as models see them, in the order of time. The collector is empty then and knows nothing of
 * before: to be called when an input has come to its end.
 */
export function rowsInOrder(collector: FeatureCollector): FeatureRows {
  const { rows, width } = collector;
  const order = Array.from({ length: rows.count }, (_, row) => row).sort((a, b) => inOrder(rows, a, b));
  const ordered = new FeatureRows(width);
  for (const from of order) {
    const row = ordered.append();
    ordered.keys.count--;
    ordered.keys.appendRows(rows.keys, from, from + 1);
    collector.writeFeatures(from, ordered.matrix, row * width);
  }
  rows.clear();
  collector.forget();
  return ordered;
}
