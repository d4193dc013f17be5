import { ByteReader, ByteWriter } from '../../features/state-bytes.js';
import { LayoutError } from '../port.js';
import type { Invocation } from './call.js';
import type { StateTag } from './state-cache.js';

/** Messages that one call has applied to a state. */
export interface JournalEntry {
  /** Tag under which the state was written that the journal goes on from. */
  readonly of: StateTag;
  readonly invocations: readonly Invocation[];
}

/** Besides its messages, about so much. */
const ENTRY_BYTES = 64;
const MESSAGE_BYTES = 32;

/** One buffer serves all, as for states. */
const writer = new ByteWriter(1 << 16);

/** About how long an entry with these messages is. Unit: byte. */
export function entryBytes(invocations: readonly Invocation[]): number {
  return invocations.reduce((sum, { bytes }) => sum + MESSAGE_BYTES + (bytes?.length ?? 0), ENTRY_BYTES);
}

/** The entry as bytes. */
export function writeEntry({ of, invocations }: JournalEntry): Uint8Array {
  writer.clear();
  writer.bytes(Buffer.from(of, 'latin1'));
  writer.u32(invocations.length);
  for (const { type, bytes = new Uint8Array() } of invocations) {
    writer.string(type);
    writer.bytes(bytes);
  }
  return writer.finish();
}

/** What writeEntry wrote. Throws a LayoutError for other bytes. */
export function readEntry(bytes: Uint8Array): JournalEntry {
  const reader = new ByteReader(bytes);
  const of = Buffer.from(reader.bytes()).toString('latin1');
  const invocations: Invocation[] = [];
  for (let left = reader.u32(); left > 0; left--) invocations.push({ type: reader.string(), bytes: reader.bytes() });
  reader.expectEnd();
  return { of, invocations };
}

/** The messages of a journal of the state with the tag `of`. Throws a LayoutError where it is one of another state. */
export function messagesIn(entries: readonly Uint8Array[], of: StateTag): Invocation[] {
  return entries.flatMap((bytes) => {
    const entry = readEntry(bytes);
    if (entry.of !== of) throw new LayoutError('the journal goes on from another state than the one that was kept');
    return entry.invocations;
  });
}
