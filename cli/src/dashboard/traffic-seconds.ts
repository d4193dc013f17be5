import { isFlowRowBatch, type PacketTable, Protocol, type SensorBatch } from '@weir/contracts';
import type { TrafficSecond } from '@weir/dashboard-server';

type Totals = { -readonly [K in keyof TrafficSecond]: TrafficSecond[K] };

const US_PER_S = 1e6;

/** Counts the packets of each second of capture time, before any window is complete. */
export class TrafficSeconds {
  /** Seconds that can still grow, or were not told since they did. */
  private readonly seconds = new Map<number, Totals>();
  private readonly changed = new Set<number>();
  private watermarkS = 0;

  /** Counts a batch. A flow table tells when flows began and not when their packets came: it is left out. */
  add(batch: SensorBatch): void {
    if (isFlowRowBatch(batch)) return;
    this.watermarkS = Math.max(this.watermarkS, batch.header.watermarkS);
    this.count(batch.header.sensor, batch.packets);
  }

  /** The seconds that changed since this was last asked, each with all that it has so far. */
  take(): TrafficSecond[] {
    const told = [...this.changed].map((second) => ({ ...this.seconds.get(second)! }));
    this.changed.clear();
    // No packet from here on is older than the watermark.
    for (const second of this.seconds.keys()) if (second < this.watermarkS) this.seconds.delete(second);
    return told;
  }

  private count(sensor: string, { columns, count }: PacketTable): void {
    const { timeUs, lengthBytes, protocol } = columns;
    let second = -1;
    let totals: Totals | undefined;
    for (let row = 0; row < count; row++) {
      const of = Math.floor(timeUs[row]! / US_PER_S);
      if (of !== second || !totals) {
        second = of;
        totals = this.totalsOf(sensor, second);
      }
      totals.packets++;
      totals.bytes += lengthBytes[row]!;
      addProtocol(totals, protocol[row]!);
    }
  }

  private totalsOf(sensor: string, second: number): Totals {
    this.changed.add(second);
    let totals = this.seconds.get(second);
    if (!totals) {
      totals = { sensor, startMs: second * 1000, packets: 0, bytes: 0, tcpPackets: 0, udpPackets: 0, icmpPackets: 0 };
      this.seconds.set(second, totals);
    }
    return totals;
  }
}

function addProtocol(totals: Totals, protocol: number): void {
  if (protocol === Protocol.tcp) totals.tcpPackets++;
  else if (protocol === Protocol.udp) totals.udpPackets++;
  else if (protocol === Protocol.icmp || protocol === Protocol.icmpv6) totals.icmpPackets++;
}
