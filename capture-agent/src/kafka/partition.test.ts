import { Topic } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { choosePartition } from './kafka-producer.js';
import { packetsPartition } from './partition.js';

describe('packetsPartition', () => {
  it('keeps what one sensor sends together, so that it is read in the order in which it was sent', () => {
    for (const sensor of ['office', 'lab', 'a/b', 'dmz-2']) {
      const chosen = Array.from({ length: 24 }, (_, n) => packetsPartition(`${sensor}/${n}`, 12));
      expect(new Set(chosen).size).toBe(1);
    }
  });

  it('spreads sensors over partitions', () => {
    const starts = new Set(Array.from({ length: 50 }, (_, i) => packetsPartition(`sensor-${i}/0`, 12)));
    expect(starts.size).toBeGreaterThan(8);
  });

  it('gives a key the same partition every time', () => {
    expect(packetsPartition('office/3', 12)).toBe(packetsPartition('office/3', 12));
  });

  it('leaves keys of another form to the client', () => {
    expect(packetsPartition('garbage', 12)).toBeUndefined();
    const choose = choosePartition(() => 7);
    const partitionMetadata = Array.from({ length: 12 }, () => ({})) as never;
    const chosen = (topic: string, key: string) => choose({ topic, message: { key, value: null }, partitionMetadata });
    expect(chosen(Topic.packets, 'garbage')).toBe(7);
    expect(chosen(Topic.sensorHealth, 'office/0')).toBe(7);
    expect(chosen(Topic.packets, 'office/0')).toBe(packetsPartition('office/0', 12));
  });
});
