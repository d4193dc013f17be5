import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AddressFunction } from './address-function.js';
import { Dispatcher } from './dispatcher.js';
import { stateValues, writeCall } from './loopback.js';
import { FromFunction } from './sdk-messages.js';
import { StatefunServer } from './server.js';
import { toyBinding, toySurroundings } from './toy.fixture.js';

const servers: StatefunServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

/** A server of one toy, and a way to ask it. */
async function open(maxRequestBytes = 2 ** 20) {
  const around = toySurroundings();
  const { log, metrics, nowMs } = around;
  const toy = new AddressFunction(toyBinding(), 'weir/toy', around);
  const dispatcher = new Dispatcher(new Map([['weir/toy', toy]]), metrics);
  const server = new StatefunServer({ host: '127.0.0.1', port: 0, maxRequestBytes, dispatcher, log, metrics, nowMs });
  servers.push(server);
  const port = await server.start();
  const ask = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);
  return {
    server,
    port,
    around,
    ask,
    call: (body: Uint8Array) => ask('/statefun', { method: 'POST', body: Buffer.from(body) }),
  };
}

const toyCall = (state: Uint8Array | null = null) =>
  writeCall({ type: 'weir/toy', id: '0' }, stateValues(state), [{ type: 'weir/number', bytes: Uint8Array.of(7) }]);

describe('the server', () => {
  it('answers a call of Flink', async () => {
    const { call } = await open();
    const response = await call(toyCall());
    expect(response.status).toBe(200);
    const answer = FromFunction.deserializeBinary(new Uint8Array(await response.arrayBuffer()));
    expect(answer.getInvocationResult()!.getStateMutationsList()).toHaveLength(1);
  });

  it('says that it is alive and ready, what it has counted, and what there is', async () => {
    const { ask, call } = await open();
    await call(toyCall());
    expect((await ask('/healthz')).status).toBe(200);
    expect((await ask('/readyz')).status).toBe(200);
    const page = await (await ask('/metrics')).text();
    expect(page).toContain('weir_functions_calls_total{function="toy",result="answered"} 1');
    for (const line of page.trim().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)+\})? [\d.e+-]+)$/);
    expect((await ask('/nothing')).status).toBe(404);
    expect((await ask('/statefun')).status).toBe(404);
    for (const odd of ['//', '//statefun', '/%']) expect((await ask(odd)).status).toBe(404);
  });

  it.each([
    ['rubbish', Buffer.from('rubbish'), 400, /no ToFunction message|calls no function/],
    ['nothing', Buffer.alloc(0), 400, /calls no function/],
    [
      'a call of another function',
      writeCall({ type: 'weir/other', id: '0' }, stateValues(null), []),
      400,
      /Known: weir\/toy/,
    ],
    ['state of another layout', toyCall(Buffer.from('hello')), 500, /toy\/0: the state begins with no frame/],
  ])('refuses %s with status and reason, and goes on', async (_, body, status, reason) => {
    const { call, around } = await open();
    const response = await call(body);
    expect(response.status).toBe(status);
    expect(await response.text()).toMatch(reason);
    expect(around.lines.join()).toMatch(reason);
    expect((await call(toyCall())).status).toBe(200);
  });

  it('refuses a request over its limit, announced or not', async () => {
    const { call, ask } = await open(1000);
    expect((await call(Buffer.alloc(1001))).status).toBe(413);
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue(Buffer.alloc(600));
      },
    });
    const unannounced = ask('/statefun', { method: 'POST', body: stream, duplex: 'half' } as RequestInit);
    expect(await unannounced.then(({ status }) => status).catch(() => 413)).toBe(413);
    expect((await call(toyCall())).status).toBe(200);
  });

  it('bears a caller that goes away in the middle', async () => {
    const { port, call } = await open();
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    socket.write('POST /statefun HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf', () => socket.destroy());
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    expect((await call(toyCall())).status).toBe(200);
  });

  it('answers what is under way when it is told to stop, and leaves no connection', async () => {
    const { server, port, ask } = await open();
    const body = toyCall();
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    // The server has the first part before it is told: it says so.
    socket.write(
      `POST /statefun HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    await new Promise<void>((resolve) => socket.once('data', () => resolve()));
    const stopped = server.stop();
    socket.write(body);
    await Promise.all([stopped, closed]);
    expect(answer).toContain('HTTP/1.1 200 OK');
    expect(answer.toLowerCase()).toContain('connection: close');
    await expect(ask('/healthz')).rejects.toThrow();
  });

  it('names a port that is taken', async () => {
    const { port } = await open();
    const around = toySurroundings();
    const dispatcher = new Dispatcher(new Map(), around.metrics);
    const second = new StatefunServer({ ...around, host: '127.0.0.1', port, maxRequestBytes: 1, dispatcher });
    await expect(second.start()).rejects.toThrow(String(port));
  });
});
