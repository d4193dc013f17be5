import { isIPv4 } from 'node:net';

/** The target is not this machine itself. Nothing was sent. */
export class LoopbackOnlyError extends Error {
  override readonly name = 'LoopbackOnlyError';
}

/**
 * The address to send to, if `target` is literally one of this machine's own: dotted 127.0.0.0/8 in full, `::1`, or the
 * word `localhost` (taken as 127.0.0.1 without asking anybody). Everything else is refused, also other spellings of the
 * same addresses and names that may resolve to them, so that no resolver and no parser decides where packets go.
 */
export function loopbackAddress(target: string): string {
  if (target === 'localhost') return '127.0.0.1';
  if (target === '::1') return target;
  if (isIPv4(target) && target.startsWith('127.')) return target;
  throw new LoopbackOnlyError(
    `refused to send to "${target}": traffic is sent to this machine only. Give 127.0.0.1 (or another 127.x.y.z) or ::1.`,
  );
}
