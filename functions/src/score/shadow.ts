import type { Alert } from '@weir/contracts';
import type { ByteReader, ByteWriter } from '../features/state-bytes.js';
import { SLOT_S } from './config.js';

/** Alarms of which it is remembered who raised them. */
const MOST_ALARMS = 4096;

/** What models in use and models in their shadow said: an alarm is a source in ten minutes. */
export interface ShadowStatus {
  readonly both: number;
  readonly onlyInUse: number;
  readonly onlyShadow: number;
  /** The newest alarms that only the shadow raised, in words. */
  readonly examples: readonly string[];
}

const EXAMPLES = 10;

/** Compares what two sets of models raise, while only one of them is heard. */
export class ShadowComparison {
  private alarms = new Map<string, { inUse: boolean; shadow: boolean; title: string }>();

  note(inUse: readonly Alert[], shadow: readonly Alert[]): void {
    for (const alert of inUse) this.entryOf(alert).inUse = true;
    for (const alert of shadow) this.entryOf(alert).shadow = true;
  }

  status(): ShadowStatus {
    const all = [...this.alarms.values()];
    const onlyShadow = all.filter(({ inUse }) => !inUse);
    return {
      both: all.filter(({ inUse, shadow }) => inUse && shadow).length,
      onlyInUse: all.filter(({ shadow }) => !shadow).length,
      onlyShadow: onlyShadow.length,
      examples: onlyShadow.slice(-EXAMPLES).map(({ title }) => title),
    };
  }

  /** What is remembered, as bytes. */
  write(writer: ByteWriter): void {
    writer.string(JSON.stringify([...this.alarms]));
  }

  /** Remembers what `write` wrote, and nothing else. */
  read(reader: ByteReader): void {
    this.alarms = new Map(JSON.parse(reader.string()));
  }

  private entryOf({ entity, detectedAtMs, title }: Alert) {
    const about = `${entity}|${Math.floor(detectedAtMs / 1000 / SLOT_S)}`;
    let entry = this.alarms.get(about);
    if (!entry) {
      entry = { inUse: false, shadow: false, title };
      this.alarms.set(about, entry);
      if (this.alarms.size > MOST_ALARMS) this.alarms.delete(this.alarms.keys().next().value!);
    }
    return entry;
  }
}
