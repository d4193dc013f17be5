import { FIRST_PACKETS } from '@weir/contracts';
import type { ByteReader, ByteWriter } from '../features/state-bytes.js';

/** Largest size that a slot holds; larger ones count as that. */
const MAX_SIZE_BYTES = 32_767;

/**
 * Sizes and gaps of the first packets of flows, in slots of FIRST_PACKETS. Only flows of two packets or more take a slot,
 * so that a flood of single packets costs nothing here. When all slots are taken, further flows go without.
 */
export class FirstPackets {
  private sizes: Int16Array;
  private gaps: Float32Array;
  private free: number[] = [];
  private used = 0;

  constructor(
    private readonly maxSlots: number,
    initialSlots = 256,
  ) {
    this.sizes = new Int16Array(initialSlots * FIRST_PACKETS);
    this.gaps = new Float32Array(initialSlots * FIRST_PACKETS);
  }

  /** A slot's number + 1, or 0 when there is none left. */
  take(): number {
    const freed = this.free.pop();
    if (freed !== undefined) return freed;
    if (this.used === this.maxSlots) return 0;
    if ((this.used + 1) * FIRST_PACKETS > this.sizes.length) this.grow();
    return ++this.used;
  }

  release(slot: number): void {
    if (slot !== 0) this.free.push(slot);
  }

  /** Notes packet `index` of the flow: payload bytes, negative from the responder, and the gap before it in ms. */
  set(slot: number, index: number, signedBytes: number, gapMs: number): void {
    const at = (slot - 1) * FIRST_PACKETS + index;
    // Segmentation offload hands over larger ones than a wire can carry.
    this.sizes[at] = Math.max(-MAX_SIZE_BYTES, Math.min(signedBytes, MAX_SIZE_BYTES));
    this.gaps[at] = gapMs;
  }

  /** Bytes of the first `count` sizes of a slot, valid until the next change. */
  sizeBytes(slot: number, count: number): Uint8Array {
    return new Uint8Array(this.sizes.buffer, (slot - 1) * FIRST_PACKETS * 2, count * 2);
  }

  /** Bytes of the first `count` gaps of a slot, valid until the next change. */
  gapBytes(slot: number, count: number): Uint8Array {
    return new Uint8Array(this.gaps.buffer, (slot - 1) * FIRST_PACKETS * 4, count * 4);
  }

  private grow(): void {
    const sizes = new Int16Array(this.sizes.length * 2);
    const gaps = new Float32Array(this.gaps.length * 2);
    sizes.set(this.sizes);
    gaps.set(this.gaps);
    this.sizes = sizes;
    this.gaps = gaps;
  }

  encode(writer: ByteWriter): void {
    const values = this.used * FIRST_PACKETS;
    writer.u32(this.used);
    writer.bytes(new Uint8Array(this.sizes.buffer, 0, values * 2));
    writer.bytes(new Uint8Array(this.gaps.buffer, 0, values * 4));
    writer.words(Uint32Array.from(this.free));
  }

  static decode(reader: ByteReader, maxSlots: number): FirstPackets {
    const used = reader.u32();
    const slots = new FirstPackets(maxSlots, Math.max(256, used));
    new Uint8Array(slots.sizes.buffer).set(reader.bytes());
    new Uint8Array(slots.gaps.buffer).set(reader.bytes());
    slots.used = used;
    slots.free = Array.from(reader.words());
    return slots;
  }
}
