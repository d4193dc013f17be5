import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { RequestError, type TestTraffic } from '@weir/dashboard-server';
import { SEND_LIMITS, sendTraffic, TRAFFIC_KINDS, type TrafficKind, TrafficOptionError } from '../traffic/index.js';

/** Sends an attack to a port of this machine that a listener of its own holds open meanwhile. One at a time. */
export function createTestTraffic(): TestTraffic {
  let isSending = false;
  return {
    send: async ({ attack, seconds }) => {
      if (isSending) throw new RequestError(429, 'Test traffic is being sent already. Wait until it is done.');
      const kind = TRAFFIC_KINDS.find(({ name }) => name === attack)?.name;
      if (kind === undefined) throw new RequestError(422, `There is no attack "${attack}".`);
      isSending = true;
      try {
        const { actions, seconds: took } = await send(kind, seconds);
        return { done: true, message: `Sent ${actions} connections or datagrams in ${took.toFixed(1)} s.` };
      } catch (error) {
        if (error instanceof TrafficOptionError) throw new RequestError(422, error.message);
        throw error;
      } finally {
        isSending = false;
      }
    },
  };
}

const PER_SECOND = 20;

async function send(kind: TrafficKind, seconds: number) {
  const server = createServer((socket) => socket.on('error', () => undefined).destroy());
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const packets = Math.min(SEND_LIMITS.actions, PER_SECOND * seconds);
    return await sendTraffic({ kind, target: '127.0.0.1', port, packets, packetsPerSecond: PER_SECOND });
  } finally {
    server.close();
  }
}
