import { SERVICE_HISTORY_S } from '@weir/contracts';
import { EntitySlots } from './entity-slots.js';
import type { ByteReader, ByteWriter } from './state-bytes.js';

/** Flows of a service that are remembered. */
const MOST_FLOWS = 8;
/** Numbers of a flow: when it was judged, its start, whether it failed, and logarithms of what is compared. */
const SIZES = 3;
const FLOW = 3 + SIZES;
/** Numbers of a service: how many flows it had, and the newest ones in a ring. */
const SLOT = 1 + MOST_FLOWS * FLOW;
/** Flows are alike whose sizes all differ by less than a quarter. Unit: difference of natural logarithms. */
const ALIKE = 0.25;
/** Gaps are no shorter where they are divided by. Unit: s. */
const SHORTEST_S = 0.001;

/** One flow of a service. */
export interface ServiceFlow {
  readonly knownS: number;
  readonly startS: number;
  readonly failed: 0 | 1;
  /** ln(1 + x) of payload sent, payload received and packets sent. */
  readonly sizes: readonly [number, number, number];
}

/**
 * What a source did before at the same service. People come to a service now and then and do something else each time; who
 * guesses passwords or holds connections comes again and again and does the same.
 */
export class ServiceHistory {
  private readonly services: EntitySlots;
  private values = new Float64Array(64 * SLOT);

  constructor(mostServices: number) {
    this.services = new EntitySlots(mostServices);
  }

  /** Writes seven features of a flow at `out[at ..]`, as `contracts/src/feature-lists.ts` names them, and remembers it. */
  tell(key: number, flow: ServiceFlow, { out, at }: { out: Float32Array; at: number }): void {
    const { slot, isNew } = this.services.meet(key);
    const base = slot * SLOT;
    if (base + SLOT > this.values.length) this.grow();
    if (isNew) this.values[base] = 0;
    const before = this.before(base, flow);
    if (before.length === 0) out.set([0, SERVICE_HISTORY_S, SERVICE_HISTORY_S, 0, 0, 0, flow.failed], at);
    else {
      this.writeGaps(before, flow, { out, at });
      this.writeLikeness(before, flow, { out, at: at + 4 });
    }
    this.remember(base, flow);
  }

  clear(): void {
    this.services.clear();
  }

  write(writer: ByteWriter): void {
    this.services.write(writer, (slot) => writer.floats(this.values.subarray(slot * SLOT, (slot + 1) * SLOT)));
  }

  /** Knows what `write` wrote, and nothing else. */
  read(reader: ByteReader): void {
    this.services.read(reader, (slot) => {
      if ((slot + 1) * SLOT > this.values.length) this.grow();
      this.values.set(reader.floats().subarray(0, SLOT), slot * SLOT);
    });
  }

  /** Where the flows before begin, oldest first, but for those of long ago. */
  private before(base: number, { knownS }: ServiceFlow): number[] {
    const { values } = this;
    const seen = values[base]!;
    const places: number[] = [];
    for (let k = Math.max(0, seen - MOST_FLOWS); k < seen; k++) {
      const place = base + 1 + (k % MOST_FLOWS) * FLOW;
      if (knownS - values[place]! <= SERVICE_HISTORY_S) places.push(place);
    }
    return places;
  }

  private writeGaps(
    before: readonly number[],
    flow: ServiceFlow,
    { out, at }: { out: Float32Array; at: number },
  ): void {
    const { values } = this;
    const starts = [...before.map((place) => values[place + 1]!), flow.startS];
    const gaps = before.map((_, k) => Math.abs(starts[k + 1]! - starts[k]!));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    out[at] = gaps.length;
    out[at + 1] = gaps.at(-1)!;
    out[at + 2] = mean;
    out[at + 3] = Math.sqrt(variance) / Math.max(mean, SHORTEST_S);
  }

  private writeLikeness(
    before: readonly number[],
    flow: ServiceFlow,
    { out, at }: { out: Float32Array; at: number },
  ): void {
    let sum = 0;
    let alike = 0;
    let failed = 0;
    for (const place of before) {
      let largest = 0;
      for (let k = 0; k < SIZES; k++) {
        const difference = Math.abs(this.values[place + 3 + k]! - flow.sizes[k]!);
        sum += difference;
        largest = Math.max(largest, difference);
      }
      alike = largest < ALIKE ? alike + 1 : 0;
      failed = this.values[place + 2] === 1 ? failed + 1 : 0;
    }
    out[at] = sum / (before.length * SIZES);
    out[at + 1] = alike;
    out[at + 2] = flow.failed === 1 ? failed + 1 : 0;
  }

  private remember(base: number, { knownS, startS, failed, sizes }: ServiceFlow): void {
    const seen = this.values[base]!;
    const place = base + 1 + (seen % MOST_FLOWS) * FLOW;
    this.values.set([knownS, startS, failed, ...sizes], place);
    this.values[base] = seen + 1;
  }

  private grow(): void {
    const larger = new Float64Array(2 * this.values.length);
    larger.set(this.values);
    this.values = larger;
  }
}
