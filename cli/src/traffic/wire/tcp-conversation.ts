import type { Random } from '../random.js';
import type { Play } from '../simulation.js';
import { concat, uint16, uint32 } from './bytes.js';
import { TcpFlag, tcpFrame } from './frame.js';
import type { Endpoint } from './host.js';

export type Side = 'client' | 'server';

/** How a conversation behaves; the defaults suit a desk talking to a web site. */
export interface TcpOptions {
  /** Largest payload of a segment; 1440 leaves room for timestamps and IPv6. Unit: bytes. */
  readonly segmentBytes?: number;
  /** Chance that a data segment is lost beyond the sensor and seen twice. */
  readonly lossShare?: number;
}

interface End {
  readonly endpoint: Endpoint;
  sequence: number;
  /** Timestamp clock offset (RFC 7323); unit: milliseconds. */
  readonly clockOffsetMs: number;
  lastClockMs: number;
  window: number;
}

/** A receiver waits this long for something to send before it acknowledges alone. */
const DELAYED_ACK_US = 40_000;
const RETRANSMIT_US = 220_000;
const LARGEST_BURST_SEGMENTS = 10;
const EMPTY = new Uint8Array(0);

/** One TCP connection as a sensor beside it sees it: state of both ends, and a clock that only goes forward. */
export class TcpConversation {
  private readonly client: End;
  private readonly server: End;
  private readonly timestamps: boolean;
  private lastSender: Side = 'server';
  private unacknowledgedBy: Side | undefined;
  private burstSegments = 2;

  /** `timeUs` is when the first packet is seen, and then always the time of the newest one. */
  constructor(
    ends: { client: Endpoint; server: Endpoint },
    public timeUs: number,
    private readonly random: Random,
    private readonly options: TcpOptions = {},
  ) {
    this.timestamps = ends.client.host.timestamps && ends.server.host.timestamps;
    this.client = this.createEnd(ends.client);
    this.server = this.createEnd(ends.server);
  }

  /** Three-way handshake. */
  *open(): Play {
    yield this.packet('client', TcpFlag.syn);
    this.wait('server');
    yield this.packet('server', TcpFlag.syn | TcpFlag.ack);
    this.wait('client');
    yield this.packet('client', TcpFlag.ack);
    this.lastSender = 'client';
  }

  /** Sends all of `payload` in segments, in growing bursts, each acknowledged by the other side. */
  *send(side: Side, payload: Uint8Array): Play {
    const largest = this.options.segmentBytes ?? 1440;
    if (this.lastSender !== side) this.wait(side);
    this.lastSender = side;
    for (let at = 0, inBurst = 0; at < payload.length; at += largest) {
      const isLast = at + largest >= payload.length;
      yield* this.segment(side, payload.subarray(at, at + largest), isLast);
      inBurst += 1;
      if (!isLast && inBurst >= this.burstSegments) {
        yield* this.acknowledge(side);
        inBurst = 0;
      }
      this.timeUs += this.random.between(12, 60);
    }
    this.unacknowledgedBy = other(side);
  }

  /** Nothing is said for `durationUs`; what is outstanding is acknowledged after the usual delay. */
  *pause(durationUs: number): Play {
    if (this.unacknowledgedBy !== undefined && durationUs > DELAYED_ACK_US) {
      this.timeUs += DELAYED_ACK_US;
      yield this.packet(this.unacknowledgedBy, TcpFlag.ack);
      this.unacknowledgedBy = undefined;
      this.timeUs += durationUs - DELAYED_ACK_US;
    } else this.timeUs += durationUs;
    yield this.timeUs;
  }

  /** Ends in order: FIN from `side`, FIN from the other, last acknowledgment. */
  *close(side: Side): Play {
    if (this.lastSender !== side) this.wait(side);
    yield this.packet(side, TcpFlag.fin | TcpFlag.ack);
    this.wait(other(side));
    yield this.packet(other(side), TcpFlag.fin | TcpFlag.ack);
    this.wait(side);
    yield this.packet(side, TcpFlag.ack);
  }

  /** Ends at once. */
  *reset(side: Side): Play {
    if (this.lastSender !== side) this.wait(side);
    yield this.packet(side, TcpFlag.rst | TcpFlag.ack);
  }

  /** The server refuses the connection. */
  *refuse(): Play {
    yield this.packet('client', TcpFlag.syn);
    this.wait('server');
    this.server.sequence = 0;
    yield this.packet('server', TcpFlag.rst | TcpFlag.ack);
  }

  /** Nobody answers: the first packet again after 1 and 3 seconds. */
  *knock(): Play {
    for (const delayUs of [0, 1_000_000, 2_000_000]) {
      this.timeUs += delayUs;
      this.client.sequence -= delayUs === 0 ? 0 : 1;
      yield this.packet('client', TcpFlag.syn);
    }
  }

  private *segment(side: Side, payload: Uint8Array, isLast: boolean): Play {
    const flags = isLast ? TcpFlag.ack | TcpFlag.psh : TcpFlag.ack;
    yield this.packet(side, flags, payload);
    if (!this.random.chance(this.options.lossShare ?? 0.002)) return;
    this.timeUs += RETRANSMIT_US + this.end(other(side)).endpoint.host.turnaroundUs;
    this.end(side).sequence -= payload.length;
    yield this.packet(side, flags, payload);
  }

  private *acknowledge(sender: Side): Play {
    this.wait(other(sender));
    yield this.packet(other(sender), TcpFlag.ack);
    this.wait(sender);
    this.burstSegments = Math.min(LARGEST_BURST_SEGMENTS, this.burstSegments * 2);
  }

  private packet(side: Side, flags: number, payload: Uint8Array = EMPTY) {
    const from = this.end(side);
    const to = this.end(other(side));
    const bytes = tcpFrame({
      from: from.endpoint,
      to: to.endpoint,
      sequence: from.sequence >>> 0,
      acknowledgment: flags & TcpFlag.ack ? to.sequence >>> 0 : 0,
      flags,
      window: flags & TcpFlag.rst ? 0 : from.window,
      options: flags & TcpFlag.rst ? EMPTY : this.tcpOptions(from, to, flags),
      payload,
    });
    from.sequence += payload.length + (flags & (TcpFlag.syn | TcpFlag.fin) ? 1 : 0);
    if (this.unacknowledgedBy === side) this.unacknowledgedBy = undefined;
    return { timeUs: this.timeUs, bytes };
  }

  private tcpOptions(from: End, to: End, flags: number): Uint8Array {
    const isSyn = (flags & TcpFlag.syn) !== 0;
    if (!this.timestamps) return isSyn ? concat([this.segmentSize(), Uint8Array.of(1, 3, 3, 8, 1, 1, 4, 2)]) : EMPTY;
    from.lastClockMs = Math.floor(this.timeUs / 1000) + from.clockOffsetMs;
    const echo = flags & TcpFlag.ack ? to.lastClockMs : 0;
    const clock = concat([Uint8Array.of(8, 10), uint32(from.lastClockMs), uint32(echo)]);
    if (!isSyn) return concat([Uint8Array.of(1, 1), clock]);
    return concat([this.segmentSize(), Uint8Array.of(4, 2), clock, Uint8Array.of(1, 3, 3, 7)]);
  }

  private segmentSize(): Uint8Array {
    return concat([Uint8Array.of(2, 4), uint16((this.options.segmentBytes ?? 1440) + 20)]);
  }

  /** Time for the last packet to reach `side` and for its answer to come back to the sensor. */
  private wait(side: Side): void {
    const { turnaroundUs } = this.end(side).endpoint.host;
    this.timeUs += Math.round(turnaroundUs * (0.95 + 0.2 * this.random.unit()));
  }

  private end(side: Side): End {
    return side === 'client' ? this.client : this.server;
  }

  private createEnd(endpoint: Endpoint): End {
    const { random } = this;
    return {
      endpoint,
      sequence: random.uint32(),
      clockOffsetMs: random.between(0, 1_000_000_000),
      lastClockMs: 0,
      window: random.pick([64240, 65535, 29200, 501]),
    };
  }
}

/** The opposite side. */
export function other(side: Side): Side {
  return side === 'client' ? 'server' : 'client';
}
