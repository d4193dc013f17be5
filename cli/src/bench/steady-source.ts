import type { PacketSource, RawPackets } from '@weir/capture-agent';

/** Time as a steady source sees it. */
export interface SteadyClock {
  /** Milliseconds since any fixed moment; never goes back. */
  nowMs(): number;
  /** Resolves after about `ms`. */
  sleepMs(ms: number): Promise<void>;
}

const MACHINE_CLOCK: SteadyClock = {
  nowMs: () => performance.now(),
  sleepMs: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/**
 * Hands on the packets of `source` as a wire does that carries `packetsPerSecond`, whatever times they were captured at: a
 * capture that was put together from several goes back in time by minutes, and at the pace of its times would come in
 * bursts. A block is held until its last packet is due. What was held up is caught up with.
 */
export function createSteadySource(
  source: PacketSource,
  packetsPerSecond: number,
  clock: SteadyClock = MACHINE_CLOCK,
): PacketSource {
  let startMs: number | undefined;
  let packets = 0;
  const read = async (block: RawPackets) => {
    startMs ??= clock.nowMs();
    if (!(await source.read(block))) return false;
    packets += block.count;
    const waitMs = startMs + (packets / packetsPerSecond) * 1000 - clock.nowMs();
    if (waitMs > 0) await clock.sleepMs(waitMs);
    return true;
  };
  return {
    kind: source.kind,
    name: source.name,
    open: () => source.open(),
    read,
    counters: () => source.counters(),
    progress: () => source.progress(),
    close: () => source.close(),
  };
}
