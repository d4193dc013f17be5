import type { Network } from './network.js';
import type { PcapWriter } from './wire/pcap-writer.js';

/** One packet, complete, and when the sensor sees it (whole microseconds since 1970 UTC). */
export interface Frame {
  readonly timeUs: number;
  readonly bytes: Uint8Array;
}

/**
 * A conversation or a habit of a host as a generator: yields its packets in time order, or a number, the time in
 * microseconds at which it wants to go on without sending.
 */
export type Play<Result = void> = Generator<Frame | number, Result, undefined>;

/** What the truth file tells of an attack: its first and last packet and their number, as written. */
export interface Tally {
  firstUs: number;
  lastUs: number;
  packets: number;
}

/** What a play may use of the simulation. */
export interface Scene {
  readonly network: Network;
  readonly startUs: number;
  readonly endUs: number;
  /** How many times as long as usual everybody pauses between two pieces of work; 1 is a busy office. */
  readonly calm: number;
  /** Starts another play at `timeUs`, which must not be before the caller's last packet. */
  spawn(play: Play<unknown>, timeUs: number): void;
}

/** Anything that writes packets in time order. */
export interface PacketStream {
  /** Time of the next packet or wake-up; Infinity once it has ended. Unit: microseconds. */
  timeUs: number;
  /** Breaks ties in time, so that the order never depends on the heap. */
  order: number;
  readonly tally: Tally | undefined;
  /** Writes at most one packet at `timeUs` and moves `timeUs` on. Returns whether it wrote one. */
  write(capture: PcapWriter): boolean;
}

/** Runs a play as a packet stream. */
class PlayStream implements PacketStream {
  order = 0;
  private pending: Uint8Array | undefined;

  constructor(
    private readonly play: Play<unknown>,
    public timeUs: number,
    readonly tally: Tally | undefined,
  ) {}

  write(capture: PcapWriter): boolean {
    const frame = this.pending;
    if (frame) capture.write(this.timeUs, frame);
    this.advance();
    return frame !== undefined;
  }

  private advance(): void {
    const { done, value } = this.play.next();
    const step = done ? Number.POSITIVE_INFINITY : (value as Frame | number);
    const timeUs = Math.floor(typeof step === 'number' ? step : step.timeUs);
    if (!(timeUs >= this.timeUs)) throw new RangeError(`a play went back in time, from ${this.timeUs} to ${timeUs} µs`);
    this.timeUs = timeUs;
    this.pending = typeof step === 'number' ? undefined : step.bytes;
  }
}

function isBefore(a: PacketStream, b: PacketStream): boolean {
  return a.timeUs < b.timeUs || (a.timeUs === b.timeUs && a.order < b.order);
}

/** Merges any number of streams in time order with a binary heap of the open ones. */
export class Simulation {
  private readonly heap: PacketStream[] = [];
  private readonly arriving: PacketStream[] = [];
  private nextOrder = 0;

  constructor(
    readonly network: Network,
    readonly startUs: number,
    readonly endUs: number,
    private readonly calm = 1,
  ) {}

  /** The simulation as a play sees it; what it spawns counts toward `tally`. */
  scene(tally?: Tally): Scene {
    const { network, startUs, endUs, calm } = this;
    return {
      network,
      startUs,
      endUs,
      calm,
      spawn: (play, timeUs) => this.add(new PlayStream(play, Math.floor(timeUs), tally)),
    };
  }

  /** Lets a stream take part; it joins the heap before the next packet is chosen. */
  add(stream: PacketStream): void {
    stream.order = this.nextOrder++;
    this.arriving.push(stream);
  }

  /** Writes packets until the capture's chunk is full (true) or the time or the packets are over (false). */
  fill(capture: PcapWriter): boolean {
    this.admit();
    for (let first = this.heap[0]; first && first.timeUs < this.endUs; first = this.heap[0]) {
      const timeUs = first.timeUs;
      if (first.write(capture) && first.tally) count(first.tally, timeUs);
      if (first.timeUs === Number.POSITIVE_INFINITY) this.removeFirst();
      else this.sink(0);
      if (this.arriving.length > 0) this.admit();
      if (capture.isFull) return true;
    }
    return false;
  }

  private admit(): void {
    for (const stream of this.arriving) {
      this.heap.push(stream);
      this.rise(this.heap.length - 1);
    }
    this.arriving.length = 0;
  }

  private removeFirst(): void {
    const last = this.heap.pop()!;
    if (this.heap.length === 0) return;
    this.heap[0] = last;
    this.sink(0);
  }

  private rise(from: number): void {
    const { heap } = this;
    const stream = heap[from]!;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(stream, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = stream;
  }

  private sink(from: number): void {
    const { heap } = this;
    const stream = heap[from]!;
    let at = from;
    for (let child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, stream)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = stream;
  }
}

function count(tally: Tally, timeUs: number): void {
  if (tally.packets === 0) tally.firstUs = timeUs;
  tally.lastUs = timeUs;
  tally.packets += 1;
}
