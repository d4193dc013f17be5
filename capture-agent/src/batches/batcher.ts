import {
  createPacketTable,
  END_OF_TIME_S,
  type LiveMeasures,
  type PacketBatch,
  type PacketTable,
} from '@weir/contracts';
import type { Decoder } from '../decoder/index.js';
import type { RawPackets } from '../sources/source.js';
import { Scatter } from './scatter.js';
import { SensorClock } from './sensor-clock.js';

/** Partition numbers are held in 16 bits. */
const MAX_PARTITIONS = 65_536;

/** How a sensor's packets become batches. */
export interface BatcherOptions {
  /** The sensor's name, `[a-z0-9-]{1,32}`. */
  sensor: string;
  /** Flow partitions, 1 to 65,536. */
  partitions: number;
  /** Packets of all partitions after which batches go out without waiting for the tick. At least 1. */
  maxPackets: number;
  /** How far behind the newest packet another may come and keep its time. Unit: ms; 1,000 by default. */
  allowedLatenessMs?: number;
  /** Run of the sensor, for the headers: whole, from 0. 0 by default. */
  epoch?: number;
  decoder: Decoder;
}

/** What a source lost, for the counters of the next batches. */
export interface Drops {
  packetsDroppedByKernel: number;
  packetsDroppedByInterface: number;
}

/**
 * Cuts a sensor's packets into batches, one a partition and round. A round ends when it is full and at each tick.
 *
 * What is in the rows does not depend on where rounds end: the concatenated rows of a partition are the same bytes for any
 * block or batch size. Headers say how far time has come after the last packet of the round, on every partition alike.
 *
 * A batch is the consumer's until `emit` returns; its table is then filled anew. Whoever needs it longer copies it.
 */
export class Batcher {
  private readonly clock: SensorClock;
  private readonly round: PacketTable;
  /** One table a partition; with one partition the round itself is its batch. */
  private readonly tables: readonly PacketTable[];
  private readonly scatter: Scatter;
  private readonly sequences: number[];
  private drops: Drops = { packetsDroppedByKernel: 0, packetsDroppedByInterface: 0 };
  private live: { live: LiveMeasures } | undefined;
  private captured = 0;

  constructor(
    private readonly options: BatcherOptions,
    private readonly emit: (batch: PacketBatch) => void,
  ) {
    const { partitions, maxPackets, allowedLatenessMs = 1000 } = options;
    checkPositive('partitions', partitions);
    if (partitions > MAX_PARTITIONS)
      throw new RangeError(`partitions is ${partitions}. Set it to ${MAX_PARTITIONS} or less.`);
    checkPositive('maxPackets', maxPackets);
    this.clock = new SensorClock(allowedLatenessMs * 1000);
    this.round = options.decoder.createTable(maxPackets);
    this.tables =
      partitions === 1
        ? [this.round]
        : Array.from({ length: partitions }, () => createPacketTable(Math.ceil(maxPackets / partitions)));
    this.scatter = new Scatter(partitions);
    this.sequences = Array.from({ length: partitions }, () => 0);
  }

  /** Takes a block of a source; emits each time a round is full. */
  push(raw: RawPackets): void {
    const { round, options } = this;
    for (let from = 0; from < raw.count; ) {
      const first = round.count;
      const to = Math.min(raw.count, from + options.maxPackets - first);
      options.decoder.decodeBlock(raw, from, to, round);
      this.clock.stamp(round.columns, first, round.count);
      this.captured += to - from;
      from = to;
      if (round.count >= options.maxPackets) this.emitRound(this.clock.watermarkS);
    }
  }

  /** Ends a tick: emits one batch a partition, empty ones too, so that time goes on everywhere. */
  flush(): void {
    this.emitRound(this.clock.watermarkS);
  }

  /** Ends the sensor: what is left goes out with the watermark at the end of time. */
  finish(): void {
    this.emitRound(END_OF_TIME_S);
  }

  /** Moves the watermark of a silent live sensor on; the next batches carry it. Unit: ms since 1970-01-01 UTC. */
  advanceTo(nowMs: number): void {
    this.clock.advanceTo(nowMs * 1000);
  }

  /** Takes what the source has lost since it was opened; the next batches carry it. */
  reportDrops(drops: Drops): void {
    this.drops = drops;
  }

  /** Takes what a live sensor has measured about itself; the next batches carry it. */
  reportLive(live: LiveMeasures): void {
    this.live = { live };
  }

  private emitRound(watermarkS: number): void {
    const { options, round, tables } = this;
    if (options.partitions > 1) this.scatter.distribute(round, tables);
    const counters = {
      packetsCaptured: this.captured,
      packetsDroppedByKernel: this.drops.packetsDroppedByKernel,
      packetsDroppedByInterface: this.drops.packetsDroppedByInterface,
      packetsLate: this.clock.late,
      packetsUndecoded: options.decoder.counters.undecoded,
      ...this.live,
    };
    const { sensor, partitions, epoch = 0 } = options;
    for (let partition = 0; partition < partitions; partition++) {
      const sequence = this.sequences[partition]!++;
      const header = { sensor, partition, partitions, epoch, sequence, watermarkS };
      this.emit({ header, counters: { ...counters }, packets: tables[partition]! });
    }
    round.clear();
  }
}

function checkPositive(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} is ${value}. Set it to 1 or more.`);
}
