import type { Readable } from 'node:stream';
import { type ByteInput, openFileInput, StreamInput, UnreadInput } from './byte-input.js';
import { type CaptureParser, hexOf, isText } from './capture-parser.js';
import { GzipInput, isGzip } from './gzip-input.js';
import { isPcap, PcapParser } from './pcap-format.js';
import { isPcapng, PcapngParser } from './pcapng-format.js';
import { type PacketSource, type RawPackets, type SourceCounters, SourceError } from './source.js';
import { WarningLog } from './warning-log.js';

/** Fits the second-level cache of common machines together with what the decoder touches. */
const DEFAULT_BUFFER_BYTES = 512 * 1024;
/** Enough of the input to tell its format and to hold either format's file header. */
const HEAD_BYTES = 64;

export interface CaptureFileOptions {
  /** A pcap or pcapng file, gzip-compressed or not; `-` for standard input. */
  path: string;
  /** What `-` stands for. Default: `process.stdin`. */
  standardInput?: Readable;
  /** Bytes read at a time, at least 64. The buffer grows by itself for larger packets. Default: 512 KiB. */
  bufferBytes?: number;
}

/** What captures are often packed with, by its first bytes, and what unpacks it. */
const PACKERS = [
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], unpack: 'zstd -d FILE' },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58], unpack: 'unxz FILE' },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68], unpack: 'bunzip2 FILE' },
  { name: 'lz4', magic: [0x04, 0x22, 0x4d, 0x18], unpack: 'lz4 -d FILE' },
  { name: 'zip', magic: [0x50, 0x4b, 0x03, 0x04], unpack: 'unzip FILE' },
  { name: '7-Zip', magic: [0x37, 0x7a, 0xbc, 0xaf], unpack: '7z x FILE' },
];

/** A source of the packets in a capture file. The format is found by its first bytes; the name does not matter. */
export function createCaptureFileSource(options: CaptureFileOptions): PacketSource {
  return new CaptureFile(options);
}

/** Whether a file with these first four bytes, or fewer, is a capture, or may hold one compressed. */
export function looksLikeCapture(head: Uint8Array): boolean {
  return isPcap(head) || isPcapng(head) || isGzip(head);
}

class CaptureFile implements PacketSource {
  readonly kind = 'file';
  readonly name: string;
  readonly #options: CaptureFileOptions;
  readonly #warnings = new WarningLog();
  #input: ByteInput | undefined;
  #parser: CaptureParser | undefined;
  // Bytes [#at, #end) of the buffer were read but not parsed.
  #buffer: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #ended = false;
  #isClosed = false;
  /** The room of the block that is being filled. */
  #room: Uint8Array | undefined;

  constructor(options: CaptureFileOptions) {
    this.#options = options;
    this.name = options.path === '-' ? 'standard input' : options.path;
  }

  async open(): Promise<void> {
    this.#buffer = new Uint8Array(Math.max(HEAD_BYTES, this.#options.bufferBytes ?? DEFAULT_BUFFER_BYTES));
    this.#input = await this.#openStored();
    try {
      await this.#openFormat(this.#input);
    } catch (error) {
      await this.close();
      throw error instanceof SourceError ? new SourceError(`cannot read "${this.name}": ${error.message}`) : error;
    }
  }

  async #openStored(): Promise<ByteInput> {
    const { path, standardInput } = this.#options;
    return path === '-' ? new StreamInput(this.name, standardInput ?? process.stdin) : await openFileInput(path);
  }

  async #openFormat(stored: ByteInput): Promise<void> {
    let head = await this.#readHead(stored);
    if (head.length === 0) throw new SourceError('it is empty. Name a pcap or pcapng file, or pipe one in.');
    const isCompressed = isGzip(head);
    if (isCompressed) {
      this.#input = new GzipInput(new UnreadInput(stored, head.slice()), this.#warnings);
      head = await this.#readHead(this.#input);
      if (head.length === 0)
        throw new SourceError(`its gzip data hold nothing. ${this.#warnings.list().join(' ')}`.trim());
    }
    const parser = this.#createParser(head, isCompressed);
    this.#parser = parser;
    this.#at = parser.headerBytes;
  }

  /** Fills the front of the buffer until there is enough to tell the format, or the input ends. */
  async #readHead(input: ByteInput): Promise<Uint8Array> {
    this.#end = 0;
    while (this.#end < HEAD_BYTES) {
      const count = await input.read(this.#buffer, this.#end, this.#buffer.length);
      if (count === 0) break;
      this.#end += count;
    }
    return this.#buffer.subarray(0, this.#end);
  }

  #createParser(head: Uint8Array, isCompressed: boolean): CaptureParser {
    const start = { head, warnings: this.#warnings };
    if (isPcap(head)) return new PcapParser(start);
    if (isPcapng(head)) return new PcapngParser(start);
    if (isText(head))
      throw new SourceError(
        'it is text, not a capture (pcap or pcapng). A flow table is known by its header line, or by a name that ends in .csv, ' +
          '.tsv or .jsonl.',
      );
    const packer = PACKERS.find(({ magic }) => magic.every((byte, i) => head[i] === byte));
    if (packer) throw new SourceError(`it is packed with ${packer.name}. Unpack it first, with "${packer.unpack}".`);
    throw new SourceError(
      `it ${isCompressed ? 'holds, compressed, something that starts' : 'starts'} with ${hexOf(head)}, which is neither pcap ` +
        '(d4 c3 b2 a1 or a1 b2 c3 d4; with nanoseconds 4d 3c b2 a1 or a1 b2 3c 4d) nor pcapng (0a 0d 0d 0a)' +
        `${isCompressed ? '' : ' nor gzip (1f 8b)'}. Convert it, for instance with "editcap -F pcapng FILE out.pcapng".`,
    );
  }

  async read(block: RawPackets): Promise<boolean> {
    block.count = 0;
    if (block.room !== undefined && block.room !== this.#room) this.#moveTo(block.room);
    const parser = this.#parser;
    while (parser !== undefined && !this.#ended) {
      block.bytes = this.#buffer;
      this.#at = parser.parse(block, this.#at, this.#end);
      if (block.count > 0) return true;
      if (parser.isDamaged) this.#ended = true;
      else await this.#refill(parser);
    }
    return false;
  }

  /** From now on the buffer is in `room`, unless that is too small. */
  #moveTo(room: Uint8Array): void {
    this.#room = room;
    if (room.length < this.#buffer.length) return;
    room.set(this.#buffer.subarray(this.#at, this.#end));
    this.#buffer = room.subarray(0, this.#buffer.length);
    this.#end -= this.#at;
    this.#at = 0;
  }

  /** Carries the partial record to the front of the buffer and reads on behind it. */
  async #refill(parser: CaptureParser): Promise<void> {
    const leftover = this.#end - this.#at;
    if (parser.wantedBytes > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(parser.wantedBytes, this.#buffer.length * 2));
      larger.set(this.#buffer.subarray(this.#at, this.#end));
      this.#buffer = larger;
    } else if (this.#at > 0) {
      this.#buffer.copyWithin(0, this.#at, this.#end);
    }
    this.#at = 0;
    this.#end = leftover;
    const count = (await this.#input?.read(this.#buffer, leftover, this.#buffer.length)) ?? 0;
    this.#end += count;
    if (count > 0) return;
    this.#ended = true;
    parser.finish(leftover);
  }

  counters(): SourceCounters {
    const lost = this.#parser?.lostPackets();
    return {
      packetsDroppedByKernel: lost?.byKernel ?? 0,
      packetsDroppedByInterface: lost?.byInterface ?? 0,
      warnings: this.#warnings.list(),
    };
  }

  progress(): { readBytes: number; totalBytes: number } | undefined {
    const totalBytes = this.#input?.totalBytes;
    if (this.#input === undefined || totalBytes === undefined) return undefined;
    // Bytes that wait in the buffer count as read; the file may have grown since it was opened.
    return { readBytes: Math.min(this.#input.readBytes, totalBytes), totalBytes };
  }

  async close(): Promise<void> {
    this.#ended = true;
    const input = this.#input;
    if (input === undefined || this.#isClosed) return;
    this.#isClosed = true;
    await input.close();
  }
}
