import { hashBytes } from '@weir/contracts';

/**
 * Kafka partition, 0 to `partitions` − 1, of a message of the `packets` topic with the key `<sensor>/<n>`; undefined for a
 * key of another form. All that one sensor sends goes to one Kafka partition: it is read in the order in which it was
 * sent, so that no flow partition gets far ahead of another. What is ahead has to wait in the state of the hosts.
 */
export function packetsPartition(key: string, partitions: number): number | undefined {
  const match = /^(.+)\/\d{1,5}$/.exec(key);
  return match ? hashBytes(Buffer.from(match[1] as string)) % partitions : undefined;
}
