/** Writes capture records (pcap, microseconds, little-endian, Ethernet) into chunks that the caller takes away. */

/** Large enough that handing a chunk on costs nothing beside filling it. */
const CHUNK_BYTES = 256 * 1024;
const RECORD_BYTES = 16;
/** Largest frame there is: 65,535 bytes of IP under an Ethernet header, rounded up. */
const LARGEST_FRAME_BYTES = 65_600;

export class PcapWriter {
  /** Packets written so far. */
  packets = 0;
  /** Bytes written so far, file header included. */
  writtenBytes = 0;
  private chunk = new Uint8Array(CHUNK_BYTES);
  private view = new DataView(this.chunk.buffer);
  private used = 0;

  /** `snapLengthBytes`: bytes kept of each packet; the record tells the original length. */
  constructor(private readonly snapLengthBytes: number) {
    this.writeFileHeader();
  }

  /** True once the chunk must be taken, so that any frame fits again. */
  get isFull(): boolean {
    return this.used > CHUNK_BYTES - LARGEST_FRAME_BYTES - RECORD_BYTES;
  }

  /** Appends one frame. Returns where the kept bytes start in `bytes`, so that a template can be patched in place. */
  write(timeUs: number, frame: Uint8Array): number {
    const kept = Math.min(frame.length, this.snapLengthBytes);
    const at = this.used;
    const seconds = Math.floor(timeUs / 1_000_000);
    this.view.setUint32(at, seconds, true);
    this.view.setUint32(at + 4, timeUs - seconds * 1_000_000, true);
    this.view.setUint32(at + 8, kept, true);
    this.view.setUint32(at + 12, frame.length, true);
    this.chunk.set(kept === frame.length ? frame : frame.subarray(0, kept), at + RECORD_BYTES);
    this.used = at + RECORD_BYTES + kept;
    this.packets += 1;
    return at + RECORD_BYTES;
  }

  /** The chunk being filled; replaced by `take`. */
  get bytes(): Uint8Array {
    return this.chunk;
  }

  /** What was written since the last call. The receiver may keep it: a new chunk is begun. */
  take(): Uint8Array {
    const out = this.chunk.subarray(0, this.used);
    this.writtenBytes += this.used;
    this.chunk = new Uint8Array(CHUNK_BYTES);
    this.view = new DataView(this.chunk.buffer);
    this.used = 0;
    return out;
  }

  private writeFileHeader(): void {
    this.view.setUint32(0, 0xa1b2c3d4, true);
    this.view.setUint16(4, 2, true);
    this.view.setUint16(6, 4, true);
    this.view.setUint32(16, this.snapLengthBytes, true);
    this.view.setUint32(20, 1, true);
    this.used = 24;
  }
}
