import { type Alert, hashBytes } from '@weir/contracts';

/** Alerts that wait to be sent, by the incident partition that knows what they are about. */
export class AlertOutbox {
  private byPartition: Alert[][];

  constructor(private readonly partitions: number) {
    this.byPartition = this.empty();
  }

  add(alert: Alert): void {
    const partition = hashBytes(Buffer.from(`${alert.kind}|${alert.entity}`)) % this.partitions;
    this.byPartition[partition]!.push(alert);
  }

  /** A list for each partition, which is the caller's; nothing waits then. */
  take(): Alert[][] {
    const taken = this.byPartition;
    this.byPartition = this.empty();
    return taken;
  }

  private empty(): Alert[][] {
    const lists: Alert[][] = [];
    for (let partition = 0; partition < this.partitions; partition++) lists.push([]);
    return lists;
  }
}
