import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StateRefused } from './address-function.js';
import { messageBuffers } from './buffer-pool.js';
import { MalformedCall } from './call.js';
import type { Dispatcher } from './dispatcher.js';
import { COMPLAIN_EVERY_MS, type Log, Seldom } from './log.js';
import type { CallResult, Metrics } from './metrics.js';
import { BodyRefused, readBody } from './request-body.js';

/** Longer than Flink keeps an idle connection, so that the server never closes one that a call is just sent on. */
const KEEP_ALIVE_MS = 120_000;
/** How long the last calls may take once the server is to stop; Flink repeats what is cut off. */
const STOP_WITHIN_MS = 10_000;

/** What is served, and where. */
export interface ServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Largest request, in bytes. */
  readonly maxRequestBytes: number;
  readonly dispatcher: Dispatcher;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly nowMs: () => number;
}

/** `POST /statefun` for Flink; `GET /healthz`, `/readyz` and `/metrics` for who runs it. */
export class StatefunServer {
  private readonly server: Server;
  private readonly complaints: Seldom;
  private isStopping = false;

  constructor(private readonly options: ServerOptions) {
    this.complaints = new Seldom(COMPLAIN_EVERY_MS, options.nowMs);
    this.server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
      // A refused write is Flink's to repeat; nothing here may throw past this.
      void this.serve(request, response).catch((error) => this.fail(response, error));
    });
  }

  /** Listens. Rejects with the platform's error when it cannot. Resolves with the port. */
  start(): Promise<number> {
    const { server, options } = this;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port, options.host, () => {
        server.off('error', reject);
        resolve((server.address() as AddressInfo).port);
      });
    });
  }

  /** Answers what has arrived, takes nothing new, and resolves when the last connection is closed. */
  stop(): Promise<void> {
    this.isStopping = true;
    return new Promise((resolve) => {
      const deadline = setTimeout(() => this.server.closeAllConnections(), STOP_WITHIN_MS);
      this.server.close(() => {
        clearTimeout(deadline);
        resolve();
      });
      this.server.closeIdleConnections();
    });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path] = (request.url ?? '').split('?');
    switch (`${request.method} ${path}`) {
      case 'POST /statefun':
        return this.call(request, response);
      case 'GET /healthz':
        return plain(response, 200, 'alive\n');
      case 'GET /readyz':
        return this.isStopping ? plain(response, 503, 'stopping\n') : plain(response, 200, 'ready\n');
      case 'GET /metrics':
        response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
        return plain(response, 200, this.options.metrics.text());
    }
    request.resume();
    plain(response, 404, 'not found. POST /statefun; GET /healthz, /readyz, /metrics.\n');
  }

  private async call(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { maxRequestBytes, metrics } = this.options;
    const body = await readBody(request, maxRequestBytes);
    const { name, reply } = this.answer(body);
    // When the connection has it, or is gone.
    response.once('close', () => messageBuffers.giveBack(reply));
    metrics.callEnded(name, 'answered');
    metrics.bytesExchanged(body.length, reply.length);
    // Told with the answer, so that a connection in use when the server was told to stop is closed after it.
    if (this.isStopping) response.setHeader('connection', 'close');
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': reply.length });
    response.end(reply);
  }

  /** The memory of the body is free again when this returns. */
  private answer(body: Uint8Array): { name: string; reply: Uint8Array } {
    try {
      return this.options.dispatcher.answer(body);
    } finally {
      messageBuffers.giveBack(body);
    }
  }

  private fail(response: ServerResponse, error: unknown): void {
    const { status, result } = failureOf(error);
    this.options.metrics.callEnded('unknown', result);
    const message = error instanceof Error ? error.message : String(error);
    if (result !== 'gone' && this.complaints.allows(result)) {
      const stack = result === 'failed' && error instanceof Error ? { stack: error.stack } : {};
      this.options.log.error({ status, reason: message, ...stack }, 'a request of flink was refused');
    }
    if (response.headersSent || response.destroyed) return;
    // The rest of a body that is too large is not read: the connection cannot be used again.
    if (error instanceof BodyRefused) response.setHeader('connection', 'close');
    plain(response, status, `${message}\n`);
  }
}

function failureOf(error: unknown): { status: number; result: CallResult } {
  if (error instanceof BodyRefused) return { status: error.status, result: error.result };
  if (error instanceof MalformedCall) return { status: 400, result: 'malformed' };
  if (error instanceof StateRefused) return { status: 500, result: 'state-refused' };
  return { status: 500, result: 'failed' };
}

function plain(response: ServerResponse, status: number, text: string): void {
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.writeHead(status, { 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
