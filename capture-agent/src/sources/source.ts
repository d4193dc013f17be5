/**
 * Where packets come from. A source fills blocks of raw packets: one byte buffer and columns that point into it, so that
 * nothing is allocated per packet between the file (or the kernel) and the decoder.
 */

/** Link-layer header types (https://www.tcpdump.org/linktypes.html) that Weir decodes. */
export const LinkType = {
  null: 0,
  ethernet: 1,
  raw: 101,
  loop: 108,
  linuxSll: 113,
  ipv4: 228,
  ipv6: 229,
  linuxSll2: 276,
} as const;

/** Packets as captured, in capture order. Valid until the next `read` of the source that filled it. */
export interface RawPackets {
  /** Holds all packets of the block; replaced by the source as it likes. */
  bytes: Uint8Array;
  /**
   * Where the decoder would have the bytes, so that it need not copy them: a source may keep its buffer here from its first
   * read to its last. Serves one source at a time.
   */
  readonly room?: Uint8Array;
  /** Finds packets in `room`. */
  readonly scanner?: RecordScanner;
  /** How many packets the columns hold. */
  count: number;
  /** Capture time, whole microseconds since 1970-01-01 UTC, from 0 to the second before the last of 32 bits. */
  readonly timeUs: Float64Array;
  /** Where the packet starts in `bytes`. */
  readonly offset: Uint32Array;
  /** Bytes that were captured. */
  readonly capturedBytes: Uint32Array;
  /** Bytes that were on the wire; never less than `capturedBytes`. */
  readonly wireBytes: Uint32Array;
  /** Link type of the packet's interface. */
  readonly linkType: Uint16Array;
}

/** How the records of a classic pcap file are written. */
export interface RecordFormat {
  readonly littleEndian: boolean;
  /** Units of a record's time fraction in one microsecond. */
  readonly fractionsPerUs: 1 | 1000;
  /** Packets of more bytes are out of the ordinary. */
  readonly usualBytes: number;
}

/** Reads ordinary records of pcap files where the decoder has the bytes, in a fraction of the time that a parser takes. */
export interface RecordScanner {
  /**
   * Appends the packets at positions `[start, end)` of the room to its block, all but their link type, until the block is full
   * or a record is cut or out of the ordinary. Returns the position behind the last of them.
   */
  scan(block: RawPackets, piece: { readonly start: number; readonly end: number }, format: RecordFormat): number;
}

/** An empty block with room for `capacity` packets. */
export function createRawPackets(capacity: number): RawPackets {
  return {
    bytes: new Uint8Array(0),
    count: 0,
    timeUs: new Float64Array(capacity),
    offset: new Uint32Array(capacity),
    capturedBytes: new Uint32Array(capacity),
    wireBytes: new Uint32Array(capacity),
    linkType: new Uint16Array(capacity),
  };
}

/** What a source lost or could not read, since it was opened. */
export interface SourceCounters {
  /** No room in a buffer, the kernel's or Weir's own, because reading was too slow. A pcapng file may tell of its own. */
  packetsDroppedByKernel: number;
  /** Lost by the interface or its driver before the kernel saw them. */
  packetsDroppedByInterface: number;
  /** One sentence each: what was wrong in the input and what was done about it. */
  warnings: readonly string[];
}

/** Anything that yields raw packets. Constructors are inert; `open` does the work and fails with a remedy in its message. */
export interface PacketSource {
  /** For messages: a file name, an interface name, or `standard input`. */
  readonly name: string;
  readonly kind: 'file' | 'live';
  /** Opens the source; resolves when packets can be read. Rejects with a SourceError. */
  open(): Promise<void>;
  /**
   * Fills `block` with the next packets, at least one unless the source has ended (false). A live source also resolves
   * with an empty block (true, count 0) once its tick passes without packets, so that time goes on; so does a paced
   * replay, whatever its kind. A live source that was closed first delivers what it had captured.
   */
  read(block: RawPackets): Promise<boolean>;
  counters(): SourceCounters;
  /** Size of the input and how much of it was read, in bytes of the file as stored; undefined where unknown. */
  progress(): { readBytes: number; totalBytes: number } | undefined;
  close(): Promise<void>;
}

/** The input cannot be used; the message says what, which value and the remedy. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
}
