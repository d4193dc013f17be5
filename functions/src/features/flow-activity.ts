import { FADING_S } from '@weir/contracts';
import { EntitySlots } from './entity-slots.js';
import type { ByteReader, ByteWriter } from './state-bytes.js';

/** Counted of each entity, at each rate of fading: flows, failed ones, payload, new peers, new ports. */
const SUMS = 5;
const WIDTH = SUMS * FADING_S.length;
/** Peers, and ports, that an entity is known to have to do with lately. */
const KNOWN = 8;
/** Numbers of one entity: when it was met, the sums, how many peers and ports were known in all, and the newest of each. */
const SLOT = 1 + WIDTH + 2 + 2 * KNOWN;
const SEEN_PEERS = 1 + WIDTH;
const SEEN_PORTS = SEEN_PEERS + 1;
const PEERS = SEEN_PORTS + 1;
const PORTS = PEERS + KNOWN;

/** One flow as an entity sees it. */
export interface FlowFacts {
  /** When it is judged. Unit: s. */
  readonly knownS: number;
  readonly failed: 0 | 1;
  readonly payloadBytes: number;
  /** Hash of the address at the other end; 0 where there is but one. */
  readonly peer: number;
  readonly port: number;
}

/** What entities did lately: sums that fade, so that they are small and each flow costs the same. */
export class FlowActivity {
  private readonly entities: EntitySlots;
  private values = new Float64Array(64 * SLOT);

  constructor(mostEntities: number) {
    this.entities = new EntitySlots(mostEntities);
  }

  /** Counts a flow of an entity, and gives where its sums begin in `sums`. */
  count(key: number, flow: FlowFacts): number {
    const { slot, isNew } = this.entities.meet(key);
    const at = slot * SLOT;
    if (at + SLOT > this.values.length) this.grow();
    if (isNew) this.values.fill(0, at, at + SLOT);
    const elapsedS = isNew ? 0 : flow.knownS - this.values[at]!;
    this.values[at] = flow.knownS;
    const newPeer = this.note(at + PEERS, at + SEEN_PEERS, flow.peer);
    const newPort = this.note(at + PORTS, at + SEEN_PORTS, flow.port);
    for (let rate = 0; rate < FADING_S.length; rate++) {
      const fade = elapsedS === 0 ? 1 : Math.exp(-elapsedS / FADING_S[rate]!);
      this.add(at + 1 + rate * SUMS, { fade, flow, newPeer, newPort });
    }
    return at + 1;
  }

  /** Of the entity counted last: flows, failed, payload, peers and ports, for one rate after the other. */
  get sums(): Float64Array {
    return this.values;
  }

  clear(): void {
    this.entities.clear();
  }

  write(writer: ByteWriter): void {
    this.entities.write(writer, (slot) => writer.floats(this.values.subarray(slot * SLOT, (slot + 1) * SLOT)));
  }

  /** Knows what `write` wrote, and nothing else. */
  read(reader: ByteReader): void {
    this.entities.read(reader, (slot) => {
      if ((slot + 1) * SLOT > this.values.length) this.grow();
      this.values.set(reader.floats().subarray(0, SLOT), slot * SLOT);
    });
  }

  private add(
    at: number,
    { fade, flow, newPeer, newPort }: { fade: number; flow: FlowFacts; newPeer: number; newPort: number },
  ): void {
    const { values } = this;
    values[at] = values[at]! * fade + 1;
    values[at + 1] = values[at + 1]! * fade + flow.failed;
    values[at + 2] = values[at + 2]! * fade + flow.payloadBytes;
    values[at + 3] = values[at + 3]! * fade + newPeer;
    values[at + 4] = values[at + 4]! * fade + newPort;
  }

  /** 1 for what is not among the newest that are known, 0 for what is; it is known from now on. */
  private note(ring: number, seenAt: number, value: number): 0 | 1 {
    const { values } = this;
    const seen = values[seenAt]!;
    for (let k = 0; k < KNOWN && k < seen; k++) if (values[ring + k] === value) return 0;
    values[ring + (seen % KNOWN)] = value;
    values[seenAt] = seen + 1;
    return 1;
  }

  private grow(): void {
    const larger = new Float64Array(2 * this.values.length);
    larger.set(this.values);
    this.values = larger;
  }
}
