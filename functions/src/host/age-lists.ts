import { MARK } from './host-rows.js';

/**
 * Hosts from the one longest untouched to the newest, in two lists: unproved (0) and proved (1), as their marks say. The
 * links are in the marks. Row 0 means none, as the network is in neither.
 */
export class AgeLists {
  private readonly oldest = [0, 0];
  private readonly newest = [0, 0];

  /** The row of a list that was untouched longest; 0 for none. */
  oldestOf(list: number): number {
    return this.oldest[list]!;
  }

  /** Puts a row that is in no list at the newest end of its own. */
  linkNewest(marks: Uint32Array, row: number): void {
    const m = row * MARK.stride;
    const list = marks[m + MARK.isProved]!;
    const newest = this.newest[list]!;
    marks[m + MARK.olderRow] = newest;
    marks[m + MARK.newerRow] = 0;
    if (newest !== 0) marks[newest * MARK.stride + MARK.newerRow] = row;
    else this.oldest[list] = row;
    this.newest[list] = row;
  }

  /** Takes a row out of its list. */
  unlink(marks: Uint32Array, row: number): void {
    const m = row * MARK.stride;
    const list = marks[m + MARK.isProved]!;
    const older = marks[m + MARK.olderRow]!;
    const newer = marks[m + MARK.newerRow]!;
    if (older !== 0) marks[older * MARK.stride + MARK.newerRow] = newer;
    else this.oldest[list] = newer;
    if (newer !== 0) marks[newer * MARK.stride + MARK.olderRow] = older;
    else this.newest[list] = older;
  }

  /** Both ends of both lists, as `restore` takes them. */
  get ends(): Uint32Array {
    return Uint32Array.from([...this.oldest, ...this.newest]);
  }

  restore(ends: Uint32Array): void {
    this.oldest.splice(0, 2, ends[0]!, ends[1]!);
    this.newest.splice(0, 2, ends[2]!, ends[3]!);
  }
}
