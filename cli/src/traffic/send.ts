/** Sends a harmless version of the traffic with plain sockets to this machine itself, to try a live sensor. */

import { loopbackAddress } from './loopback.js';
import { nodeLoopbackWire } from './loopback-wire.js';
import { checkOptions, TrafficOptionError, type TrafficOptions } from './options.js';
import { DEFAULT_ACTIONS, type SentAction, sentActions } from './sent-actions.js';

/** Bounds of what is sent, whatever the options say. */
export const SEND_LIMITS = { actions: 2000, actionsPerSecond: 500, seconds: 60 } as const;

/** What to send and where; `packets` counts connections or datagrams, at `packetsPerSecond`. */
export interface SendOptions extends TrafficOptions {
  /** 127.x.y.z, ::1 or localhost; anything else is refused. */
  readonly target: string;
  /** First or only port, 1..65535. */
  readonly port: number;
}

/** Sockets and time; replaced in tests. */
export interface LoopbackWire {
  /** Connects, sends the payload if any, and closes. False where nobody listens. */
  connect(address: string, port: number, payload: Uint8Array | undefined): Promise<boolean>;
  datagram(address: string, port: number, payload: Uint8Array): Promise<void>;
  /** Steady clock, unit: milliseconds. */
  nowMs(): number;
  sleep(ms: number): Promise<void>;
  close(): void;
}

/** What was sent. */
export interface SendSummary {
  /** Connections tried and datagrams sent. */
  readonly actions: number;
  /** Connections that nobody accepted. */
  readonly refused: number;
  readonly seconds: number;
  /** True where the time limit ended the sending. */
  readonly cutShort: boolean;
}

/**
 * Sends; resolves when all is sent or the time is over. Rejects with LoopbackOnlyError for any other target and with
 * TrafficOptionError for options out of bounds, both before the first packet.
 */
export async function sendTraffic(options: SendOptions, wire: LoopbackWire = nodeLoopbackWire()): Promise<SendSummary> {
  try {
    const address = loopbackAddress(options.target);
    const actions = checkedActions(options);
    return await sendPaced(actions, { address, wire, perSecond: paceOf(options) });
  } finally {
    wire.close();
  }
}

function paceOf(options: SendOptions): number {
  return options.packetsPerSecond ?? 50;
}

function bounded(name: string, value: number, most: number): void {
  if (value <= most) return;
  throw new TrafficOptionError(`${name} must be at most ${most} when sending, not ${value}`);
}

function checkedActions(options: SendOptions): SentAction[] {
  checkOptions({ ...options, targetPort: options.port ?? 0 });
  bounded('packetsPerSecond', paceOf(options), SEND_LIMITS.actionsPerSecond);
  const count = options.packets ?? DEFAULT_ACTIONS[options.kind] ?? 0;
  bounded('packets', count, SEND_LIMITS.actions);
  return sentActions(options, count);
}

async function sendPaced(
  actions: readonly SentAction[],
  way: { address: string; wire: LoopbackWire; perSecond: number },
): Promise<SendSummary> {
  const { wire } = way;
  const startMs = wire.nowMs();
  let sent = 0;
  let refused = 0;
  for (const action of actions) {
    const waitMs = startMs + (sent * 1000) / way.perSecond - wire.nowMs();
    if (waitMs > 0) await wire.sleep(waitMs);
    if (wire.nowMs() - startMs >= SEND_LIMITS.seconds * 1000) break;
    if (!(await sendOne(way, action))) refused += 1;
    sent += 1;
  }
  return { actions: sent, refused, seconds: (wire.nowMs() - startMs) / 1000, cutShort: sent < actions.length };
}

async function sendOne(way: { address: string; wire: LoopbackWire }, action: SentAction): Promise<boolean> {
  if (action.kind === 'connection') return await way.wire.connect(way.address, action.port, action.payload);
  await way.wire.datagram(way.address, action.port, action.payload);
  return true;
}
