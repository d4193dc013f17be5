import { hashBytes } from '@weir/contracts';

/**
 * Kafka partition, 0 to `partitions` − 1, of a message of the `packets` topic with the key `<sensor>/<n>`; undefined for a
 * key of another form. The flow partitions of one sensor go to successive Kafka partitions, so that they spread evenly
 * however few they are; where a sensor begins follows from its name, so that many small sensors spread as well.
 */
export function packetsPartition(key: string, partitions: number): number | undefined {
  const match = /^(.+)\/(\d{1,5})$/.exec(key);
  if (!match) return undefined;
  const start = hashBytes(Buffer.from(match[1] as string));
  return (start + Number(match[2])) % partitions;
}
