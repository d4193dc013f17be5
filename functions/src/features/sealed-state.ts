import { LayoutError } from '../runtime/port.js';
import { wordsOf } from './packed-words.js';
import { ByteReader, ByteWriter } from './state-bytes.js';

const HEADER_BYTES = 8;

/** One buffer serves all: a state is written at each call of a cluster, and a new one would be grown each time. */
const shared = new ByteWriter(1 << 20);

/** What `write` writes, with the version of its layout and a checksum in front. */
export function sealState(version: number, write: (writer: ByteWriter) => void): Uint8Array<ArrayBuffer> {
  const writer = shared;
  writer.clear();
  writer.u32(version);
  writer.u32(0);
  write(writer);
  const bytes = writer.finish();
  new DataView(bytes.buffer).setUint32(4, checksum(bytes.subarray(HEADER_BYTES)), true);
  return bytes;
}

/**
 * What `read` makes of sealed bytes. Throws a LayoutError for another version, for bytes that are damaged, and where
 * `read` cannot make anything of them or leaves some over.
 */
export function openState<S>(
  bytes: Uint8Array,
  name: string,
  layout: { version: number; read: (reader: ByteReader) => S },
): S {
  const reader = new ByteReader(bytes);
  const found = reader.u32();
  if (found !== layout.version)
    throw new LayoutError(
      `${name} state has layout ${found}; this version reads ${layout.version}. Begin with empty state, or run the release that wrote it.`,
    );
  if (reader.u32() !== checksum(bytes.subarray(HEADER_BYTES)))
    throw new LayoutError(`${name} state is damaged: its checksum does not fit. Restore an earlier checkpoint.`);
  try {
    const state = layout.read(reader);
    reader.expectEnd();
    return state;
  } catch (error) {
    if (error instanceof LayoutError) throw error;
    throw new LayoutError(
      `${name} state cannot be read (${(error as Error).message}). Was it written under larger bounds?`,
    );
  }
}

/** Any change of one word shows for certain, any other all but so. */
function checksum(bytes: Uint8Array): number {
  const whole = bytes.length >>> 2;
  const words = wordsOf(bytes, whole);
  let sum = bytes.length;
  for (let i = 0; i < whole; i++) {
    sum = Math.imul(sum ^ words[i]!, 0x9e3779b1);
    sum ^= sum >>> 15;
  }
  for (let i = whole * 4; i < bytes.length; i++) sum = Math.imul(sum ^ bytes[i]!, 0x01000193);
  return sum >>> 0;
}
