import type { PacketSource, RawPackets } from '@weir/capture-agent';
import { finish, mix } from '@weir/contracts';
import { renumberAddresses } from './renumber.js';

/** A way to change a capture that leaves an attack an attack, and benign traffic benign. */
export interface Change {
  /** As a table says it. */
  readonly name: string;
  /** The packets of a source, changed. */
  readonly of: (source: PacketSource) => PacketSource;
}

const SLOWER = 3;
/** Of so many packets one is lost. */
const LOST_OF = 5;

/**
 * What a detector that has learnt a test set by heart would stumble over. A rule for intervals or rates may well miss
 * what is three times slower or faster; one that knows an address or a second misses all.
 */
export const CHANGES: readonly Change[] = [
  { name: 'other addresses', of: (source) => changed(source, () => renumberAddresses) },
  { name: `${SLOWER} times slower`, of: (source) => changed(source, () => stretch(SLOWER)) },
  { name: `${SLOWER} times faster`, of: (source) => changed(source, () => stretch(1 / SLOWER)) },
  { name: `1 packet of ${LOST_OF} lost`, of: (source) => changed(source, () => lose(LOST_OF)) },
];

/** Changes a block of packets in place. */
type BlockChange = (block: RawPackets) => void;

/** `begin` is called when the source is opened: what a change remembers is of one reading. */
function changed(source: PacketSource, begin: () => BlockChange): PacketSource {
  let change: BlockChange = () => undefined;
  return {
    name: source.name,
    kind: source.kind,
    open: () => {
      change = begin();
      return source.open();
    },
    read: async (block) => {
      do {
        if (!(await source.read(block))) return false;
        change(block);
      } while (block.count === 0);
      return true;
    },
    counters: () => source.counters(),
    progress: () => source.progress(),
    close: () => source.close(),
  };
}

/** Times that lie `factor` as far from the first packet's. */
function stretch(factor: number): BlockChange {
  let firstUs: number | undefined;
  return ({ timeUs, count }) => {
    for (let i = 0; i < count; i++) {
      firstUs ??= timeUs[i]!;
      timeUs[i] = Math.max(0, firstUs + Math.round((timeUs[i]! - firstUs) * factor));
    }
  };
}

/** About one packet of `of` is lost, the same ones each time. */
function lose(of: number): BlockChange {
  let seen = 0;
  return (block) => {
    let kept = 0;
    for (let i = 0; i < block.count; i++) {
      if (finish(mix(LOST_OF, seen++)) % of === 0) continue;
      for (const column of [block.timeUs, block.offset, block.capturedBytes, block.wireBytes, block.linkType])
        column[kept] = column[i]!;
      kept++;
    }
    block.count = kept;
  };
}
