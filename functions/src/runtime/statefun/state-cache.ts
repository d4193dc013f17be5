import { randomBytes } from 'node:crypto';
import { LayoutError } from '../port.js';

/** Marks state that this adapter wrote: "WST" and the version of the frame. */
const FRAME_MARK = 0x02545357;
const MARK_BYTES = 4;
const TAG_BYTES = 16;
const SETTINGS_AT = MARK_BYTES + TAG_BYTES;
const FRAME_BYTES = SETTINGS_AT + 4;
const NO_SETTINGS = new Uint8Array();
/** What a decoded state takes at least, whatever its bytes: tables have a first allocation. */
const DECODED_BYTES = 1024 * 1024;

/** The identity of one writing of a state: unlike any other, whichever process wrote it. */
export type StateTag = string;

/** State bytes in their frame: mark, tag, the settings under which they came about, what the function encoded. */
export interface FramedState {
  readonly tag: StateTag;
  /** Empty in a journal: they are those of the state that it goes on from. */
  readonly settings: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Reads the frame. Throws a LayoutError when there is none that this version writes. */
export function readFrame(framed: Uint8Array): FramedState {
  const view = new DataView(framed.buffer, framed.byteOffset, framed.byteLength);
  const mark = framed.length < FRAME_BYTES ? undefined : view.getUint32(0, true);
  if (mark !== FRAME_MARK)
    throw new LayoutError(`the state begins with no frame of this version (${framed.length} bytes)`);
  const end = FRAME_BYTES + view.getUint32(SETTINGS_AT, true);
  if (end > framed.length) throw new LayoutError(`the state ends within its settings (${framed.length} bytes)`);
  return { tag: tagAt(framed), settings: framed.subarray(FRAME_BYTES, end), bytes: framed.subarray(end) };
}

function tagAt(framed: Uint8Array): StateTag {
  return Buffer.from(framed.buffer, framed.byteOffset + MARK_BYTES, TAG_BYTES).toString('latin1');
}

/** Writes frames. Tags are the process's random number and a count, so none is ever used twice. */
export class FrameWriter {
  private readonly process = randomBytes(TAG_BYTES - 8);
  private count = 0n;

  write(encoded: Uint8Array, settings: Uint8Array = NO_SETTINGS): { tag: StateTag; framed: Uint8Array } {
    const framed = Buffer.allocUnsafe(FRAME_BYTES + settings.length + encoded.length);
    framed.writeUInt32LE(FRAME_MARK, 0);
    framed.set(this.process, MARK_BYTES);
    framed.writeBigUInt64LE(this.count++, MARK_BYTES + 8);
    framed.writeUInt32LE(settings.length, SETTINGS_AT);
    framed.set(settings, FRAME_BYTES);
    framed.set(encoded, FRAME_BYTES + settings.length);
    return { tag: tagAt(framed), framed };
  }
}

interface Cached {
  readonly tag: StateTag;
  readonly state: unknown;
  readonly lengthBytes: number;
  /** Called when the state is given up without being given out. */
  readonly release: () => void;
}

/**
 * Decoded states by address, longest unused first. A state is given out only for the tag it was put in with, that is for
 * the very bytes that were returned to Flink: when Flink calls again with older ones (an answer was lost, a checkpoint
 * restored) or another process wrote in between, the bytes count. Who takes a state owns it.
 */
export class StateCache {
  private readonly states = new Map<string, Cached>();
  private heldBytes = 0;

  /** `maxBytes` 0 keeps nothing. */
  constructor(private readonly maxBytes: number) {}

  take(address: string, tag: StateTag): unknown {
    const cached = this.states.get(address);
    if (!cached) return undefined;
    this.drop(address, cached);
    if (cached.tag === tag) return cached.state;
    cached.release();
    return undefined;
  }

  put(
    address: string,
    { encodedBytes, ...entry }: { tag: StateTag; state: unknown; encodedBytes: number; release: () => void },
  ): void {
    // Where Flink calls with no state, or with one that cannot be read, nothing was taken before.
    this.giveUp(address);
    const lengthBytes = encodedBytes + DECODED_BYTES;
    if (lengthBytes > this.maxBytes) {
      entry.release();
      return;
    }
    this.states.set(address, { ...entry, lengthBytes });
    this.heldBytes += lengthBytes;
    for (const oldest of this.states.keys()) {
      if (this.heldBytes <= this.maxBytes) return;
      this.giveUp(oldest);
    }
  }

  /** States held. */
  get size(): number {
    return this.states.size;
  }

  private giveUp(address: string): void {
    const cached = this.states.get(address);
    if (!cached) return;
    this.drop(address, cached);
    cached.release();
  }

  private drop(address: string, { lengthBytes }: Cached): void {
    this.states.delete(address);
    this.heldBytes -= lengthBytes;
  }
}
