import { ConformanceBreach, type PacketTable } from '@weir/contracts';

/** What the clock reads and writes of packets, or of flow rows. */
export type TimedColumns = Pick<PacketTable['columns'], 'timeUs' | 'watermarkS' | 'conformance'>;

/** A packet that is further ahead of the newest one is taken for a clock error, until others confirm it. */
const MAX_JUMP_US = 86_400e6;
/** Packets in a row that must agree on a new time. */
const CONFIRMING_PACKETS = 16;
/** Times beyond this (January 2038) count as this: seconds are reckoned as signed 32-bit numbers in the flow table. */
const LAST_TIME_US = 0x7fff_0000 * 1e6;

/**
 * A sensor's event time: the watermark follows the newest packet at the allowed lateness and never goes back. It depends
 * on the packets' order and times alone, never on how they are cut into blocks.
 *
 * One wrong timestamp must not carry it into the future for ever. So the first packets set no watermark until sixteen in
 * a row lie within a day of each other, and from then on a packet more than a day ahead is given the newest time and
 * counted late, until sixteen in a row agree within a day on the new time.
 */
export class SensorClock {
  /** Packets that were given another time than their own. */
  late = 0;
  private newestUs = 0;
  private watermarkUs = 0;
  private isStarted = false;
  /** Time that the last packets ahead agree on, and how many they are. */
  private claimedUs = 0;
  private claims = 0;

  constructor(private readonly allowedLatenessUs: number) {}

  /** Watermark after all packets so far. Whole seconds since 1970-01-01 UTC, rounded down; 0 before there is one. */
  get watermarkS(): number {
    return Math.floor(this.watermarkUs / 1e6);
  }

  /**
   * Takes rows `[from, to)` in capture order: raises late times to the watermark and marks them, and writes each row's
   * watermark, which is the one before the row.
   */
  stamp({ timeUs, watermarkS, conformance }: TimedColumns, from: number, to: number): void {
    let row = from;
    while (row < to && !this.isStarted) this.start(timeUs, watermarkS, row++);
    let newest = this.newestUs;
    let watermark = this.watermarkUs;
    let second = Math.floor(watermark / 1e6);
    for (; row < to; row++) {
      const time = timeUs[row]!;
      watermarkS[row] = second;
      if (time > newest) {
        if (time - newest > MAX_JUMP_US && !this.confirms(time)) {
          timeUs[row] = newest;
          conformance[row]! |= ConformanceBreach.timeLate;
          this.late++;
          continue;
        }
        newest = Math.min(time, LAST_TIME_US);
        timeUs[row] = newest;
        const next = newest - this.allowedLatenessUs;
        if (next > watermark) {
          watermark = next;
          second = Math.floor(watermark / 1e6);
        }
      } else if (!(time >= watermark)) {
        timeUs[row] = watermark;
        conformance[row]! |= ConformanceBreach.timeLate;
        this.late++;
      }
      this.claims = 0;
    }
    this.newestUs = newest;
    this.watermarkUs = watermark;
  }

  /** Moves time on to the clock of the machine, for a live sensor that hears nothing. */
  advanceTo(nowUs: number): void {
    this.isStarted = true;
    this.newestUs = Math.max(this.newestUs, Math.min(nowUs, LAST_TIME_US));
    this.watermarkUs = Math.max(this.watermarkUs, this.newestUs - this.allowedLatenessUs);
  }

  /** A row before the first watermark: it keeps its time, and counts towards agreement on it. */
  private start(timeUs: Float64Array, watermarkS: Uint32Array, row: number): void {
    const time = timeUs[row]! >= 0 ? Math.min(timeUs[row]!, LAST_TIME_US) : 0;
    timeUs[row] = time;
    watermarkS[row] = 0;
    if (this.claims === 0 || Math.abs(time - this.claimedUs) > MAX_JUMP_US) {
      this.claims = 0;
      this.newestUs = time;
    }
    this.claimedUs = time;
    this.claims++;
    this.newestUs = Math.max(this.newestUs, time);
    if (this.claims < CONFIRMING_PACKETS) return;
    this.isStarted = true;
    this.claims = 0;
    this.watermarkUs = Math.max(0, this.newestUs - this.allowedLatenessUs);
  }

  /** Whether a packet far ahead is the last of enough in a row that agree. */
  private confirms(timeUs: number): boolean {
    const agrees = this.claims > 0 && Math.abs(timeUs - this.claimedUs) <= MAX_JUMP_US;
    this.claims = agrees ? this.claims + 1 : 1;
    this.claimedUs = timeUs;
    return this.claims >= CONFIRMING_PACKETS;
  }
}
