import { createSocket, type Socket } from 'node:dgram';
import { connect } from 'node:net';
import { loopbackAddress } from './loopback.js';
import type { LoopbackWire } from './send.js';

/** A connection that is not accepted within this time counts as refused. Unit: milliseconds. */
const CONNECT_TIMEOUT_MS = 500;

function connectOnce(address: string, port: number, payload: Uint8Array | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    let accepted = false;
    const socket = connect({ host: loopbackAddress(address), port });
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy());
    socket.on('connect', () => {
      accepted = true;
      if (payload === undefined) socket.destroy();
      else socket.end(payload, () => socket.destroy());
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(accepted));
  });
}

/** Ordinary unprivileged sockets. Each call checks its address again, so that no caller can reach beyond loopback. */
export function nodeLoopbackWire(): LoopbackWire {
  let datagrams: Socket | undefined;
  return {
    connect: connectOnce,
    datagram: (address, port, payload) => {
      const checked = loopbackAddress(address);
      datagrams ??= createSocket(checked === '::1' ? 'udp6' : 'udp4').on('error', () => {});
      const socket = datagrams;
      return new Promise((resolve) => socket.send(payload, port, checked, () => resolve()));
    },
    nowMs: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    close: () => datagrams?.close(),
  };
}
