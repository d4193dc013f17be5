import { LIVE_CLOSE, LIVE_PATH } from '@weir/contracts/dashboard-api';
import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import type { Identity } from '../access/accounts.js';
import { checkOrigin } from '../http/gate.js';
import type { LiveClient, Resume } from '../live/hub.js';
import type { Parts } from '../parts.js';

/** How often it is looked whether clients are still there and may still listen, ms. */
const CHECK_MS = 15_000;

interface Socket {
  readonly socket: WebSocket;
  readonly who: Identity;
  isAlive: boolean;
}

/** The WebSocket that tells what changes. */
export function liveRoute(app: FastifyInstance, { watch, accounts }: Parts): void {
  const sockets = new Set<Socket>();
  const timer = setInterval(() => {
    // Where the history cannot be asked, the next check asks it again.
    for (const each of sockets) void check(each).catch(() => undefined);
  }, CHECK_MS).unref();
  app.addHook('onClose', async () => clearInterval(timer));

  /** Lets go who no longer answers, or whose session or token has ended. */
  async function check(each: Socket): Promise<void> {
    if (!(await accounts.isValid(each.who))) each.socket.close(LIVE_CLOSE.signedOut, 'The session has ended.');
    else if (!each.isAlive) each.socket.terminate();
    each.isAlive = false;
    if (each.socket.readyState === each.socket.OPEN) each.socket.ping();
  }

  app.get(
    LIVE_PATH,
    {
      websocket: true,
      config: { needs: 'read' },
      schema: { summary: 'WebSocket: snapshot, then changes', tags: ['live'], description: 'Needs: read' },
      preValidation: async (request) => checkOrigin(request),
    },
    (socket, request) => {
      const entry: Socket = { socket, who: request.who!, isAlive: true };
      const client = clientOf(socket);
      sockets.add(entry);
      socket.on('pong', () => {
        entry.isAlive = true;
      });
      socket.on('message', () => socket.close(LIVE_CLOSE.refused, 'This socket only tells. Use the REST API to ask.'));
      socket.on('error', () => socket.terminate());
      socket.on('close', () => {
        sockets.delete(entry);
        watch.hub.detach(client);
      });
      watch.hub.attach(client, resumeOf(request.query));
    },
  );
}

function clientOf(socket: WebSocket): LiveClient {
  return {
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    send: (text) => {
      if (socket.readyState === socket.OPEN) socket.send(text);
    },
    close: (code, reason) => socket.close(code, reason),
  };
}

function resumeOf(query: unknown): Resume | undefined {
  const { run, since } = query as { run?: unknown; since?: unknown };
  if (typeof run !== 'string' || typeof since !== 'string' || !/^\d{1,15}$/.test(since)) return undefined;
  return { run, since: Number(since) };
}
