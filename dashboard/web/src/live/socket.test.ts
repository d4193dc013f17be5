import { LIVE_CLOSE, LIVE_PATH } from '@weir/contracts/dashboard-api';
import { describe, expect, it } from 'vitest';
import { type LinkState, LiveLink, type SocketLike } from './socket.js';

/** A world with a clock that a test moves and sockets that it plays. */
function fakeWorld() {
  const sockets: { path: string; socket: SocketLike; closed: boolean }[] = [];
  const states: LinkState[] = [];
  const messages: string[] = [];
  let nowMs = 0;
  let timers: { atMs: number; task: () => void }[] = [];
  const link = new LiveLink({
    open(path) {
      const socket: SocketLike = { onmessage: null, onclose: null, close: () => (entry.closed = true) };
      const entry = { path, socket, closed: false };
      sockets.push(entry);
      return socket;
    },
    onMessage: ({ kind }) => messages.push(kind),
    onState: (state) => states.push(state),
    later(task, delayMs) {
      const timer = { atMs: nowMs + delayMs, task };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    nowMs: () => nowMs,
    random: () => 0,
  });
  const last = () => sockets.at(-1)!;
  return {
    link,
    sockets,
    states,
    messages,
    last,
    say: (message: object) => last().socket.onmessage!({ data: JSON.stringify(message) } as MessageEvent),
    break: (code = 1006) => last().socket.onclose!({ code } as CloseEvent),
    pass(ms: number) {
      nowMs += ms;
      const due = timers.filter(({ atMs }) => atMs <= nowMs);
      timers = timers.filter(({ atMs }) => atMs > nowMs);
      for (const { task } of due) task();
    },
  };
}

describe('the live connection', () => {
  it('first asks for everything', () => {
    const world = fakeWorld();
    world.link.start();
    expect(world.last().path).toBe(LIVE_PATH);
  });

  it('goes on after a break from the last message it was given', () => {
    const world = fakeWorld();
    world.link.start();
    world.say({ kind: 'welcome', run: 'a', sequence: 10, resumed: false });
    world.say({ kind: 'snapshot', sequence: 10 });
    world.say({ kind: 'incident', sequence: 17 });
    world.break();
    world.pass(500);
    expect(world.sockets).toHaveLength(2);
    expect(world.last().path).toBe(`${LIVE_PATH}?run=a&since=17`);
    expect(world.messages).toEqual(['welcome', 'snapshot', 'incident']);
  });

  it('does not go on from a snapshot that never came', () => {
    const world = fakeWorld();
    world.link.start();
    world.say({ kind: 'welcome', run: 'a', sequence: 10, resumed: false });
    world.break();
    world.pass(500);
    expect(world.last().path).toBe(LIVE_PATH);
  });

  it('forgets the numbers of a server that was started anew', () => {
    const world = fakeWorld();
    world.link.start();
    world.say({ kind: 'welcome', run: 'a', sequence: 900, resumed: false });
    world.say({ kind: 'snapshot', sequence: 900 });
    world.break();
    world.pass(500);
    world.say({ kind: 'welcome', run: 'b', sequence: 3, resumed: false });
    world.say({ kind: 'snapshot', sequence: 3 });
    world.break();
    world.pass(500);
    expect(world.last().path).toBe(`${LIVE_PATH}?run=b&since=3`);
  });

  it('waits longer each time it fails, and not at all long after it worked', () => {
    const world = fakeWorld();
    const waits = () => world.states.flatMap((s) => (s.kind === 'waiting' ? [s.attempts] : []));
    world.link.start();
    for (let i = 0; i < 8; i++) {
      world.break();
      world.pass(15_000);
    }
    expect(waits()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    world.say({ kind: 'welcome', run: 'a', sequence: 0, resumed: false });
    world.break();
    expect(waits().at(-1)).toBe(1);
    const before = world.sockets.length;
    world.pass(249);
    expect(world.sockets).toHaveLength(before);
    world.pass(1);
    expect(world.sockets).toHaveLength(before + 1);
  });

  it('takes long silence for a break', () => {
    const world = fakeWorld();
    world.link.start();
    world.say({ kind: 'welcome', run: 'a', sequence: 0, resumed: false });
    world.pass(45_000);
    expect(world.sockets[0]!.closed).toBe(true);
    expect(world.states.at(-1)!.kind).toBe('waiting');
  });

  it('does not come back once the session ended or it was stopped', () => {
    const world = fakeWorld();
    world.link.start();
    world.break(LIVE_CLOSE.signedOut);
    world.pass(60_000);
    expect(world.states.at(-1)!.kind).toBe('refused');
    world.link.start();
    world.link.stop();
    world.pass(60_000);
    expect(world.sockets).toHaveLength(2);
  });

  it('passes over what is no message', () => {
    const world = fakeWorld();
    world.link.start();
    for (const data of ['{', 'null', '[]', new Uint8Array(2)]) world.last().socket.onmessage!({ data } as MessageEvent);
    expect(world.messages).toEqual([]);
  });
});
