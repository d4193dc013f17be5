import type { IncomingMessage, MessageReader } from '@weir/capture-agent';

/** When following ends. */
export interface FollowOptions {
  /** Without a message for this long; undefined: never. */
  readonly quietMs: number | undefined;
  readonly stop: AbortSignal;
}

/**
 * Hands messages to `take` until it answers `enough`, nothing comes for a while, or it is stopped. Rejects with a
 * BrokerError when reading cannot begin.
 */
export async function follow(
  reader: MessageReader,
  { quietMs, stop }: FollowOptions,
  take: (message: IncomingMessage) => Promise<'more' | 'enough'>,
): Promise<void> {
  if (stop.aborted) return;
  let stopping: Promise<void> | undefined;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    // The reader is told at once, as what it hands over after that would count as read.
    end = () => {
      stopping ??= reader.stop();
      resolve();
    };
  });
  stop.addEventListener('abort', end, { once: true });
  let quiet: NodeJS.Timeout | undefined;
  const starting = reader.start(async (message) => {
    if (stopping) return;
    quiet?.refresh();
    if ((await take(message)) === 'enough') end();
  });
  // Whoever stops does not wait for a broker that may be away.
  await Promise.race([starting, ended]);
  if (quietMs !== undefined && !stopping) quiet = setTimeout(end, quietMs);
  await ended;
  clearTimeout(quiet);
  await stopping;
}
