import { LayoutError } from '../runtime/port.js';
import type { ByteReader, ByteWriter } from './state-bytes.js';

/** Places in tables for entities that come and go: those that were met longest ago give way. */
export class EntitySlots {
  /** Slot by key, that met longest ago first. */
  private readonly slots = new Map<number, number>();

  /** Holds at most `most` entities. */
  constructor(readonly most: number) {}

  get count(): number {
    return this.slots.size;
  }

  /** The slot of a key, which is the newest now; `isNew` where what the slot holds is of another. */
  meet(key: number): { slot: number; isNew: boolean } {
    const known = this.slots.get(key);
    if (known !== undefined) {
      this.slots.delete(key);
      this.slots.set(key, known);
      return { slot: known, isNew: false };
    }
    const slot = this.slots.size < this.most ? this.slots.size : this.evict();
    this.slots.set(key, slot);
    return { slot, isNew: true };
  }

  clear(): void {
    this.slots.clear();
  }

  /** Writes all keys, that met longest ago first, and calls `writeSlot` after each. */
  write(writer: ByteWriter, writeSlot: (slot: number) => void): void {
    writer.u32(this.slots.size);
    for (const [key, slot] of this.slots) {
      writer.f64(key);
      writeSlot(slot);
    }
  }

  /** Holds what `write` wrote, and nothing else. Throws a LayoutError for more than it may hold. */
  read(reader: ByteReader, readSlot: (slot: number) => void): void {
    this.clear();
    const count = reader.u32();
    if (count > this.most) throw new LayoutError(`state of ${count} entities, where ${this.most} are held.`);
    for (let left = count; left > 0; left--) readSlot(this.meet(reader.f64()).slot);
  }

  private evict(): number {
    const [key, slot] = this.slots.entries().next().value!;
    this.slots.delete(key);
    return slot;
  }
}
