import { describe, expect, it } from 'vitest';
import { createRawPackets, type PacketSource, SourceError } from '../sources/index.js';
import { obeyControl } from './capture-controls.js';
import { type CaptureTarget, ControlledSource } from './controlled-source.js';
import { PauseGate } from './pause-gate.js';

/** A live source that gives what is put into it; each packet's time is its number. */
class FakeLive implements PacketSource {
  readonly kind = 'live';
  readonly name: string;
  isOpen = false;
  isClosed = false;
  private packets: number[] = [];
  private wake: () => void = () => undefined;

  constructor(readonly target: Required<CaptureTarget>) {
    this.name = target.interfaceName;
  }

  capture(...numbers: number[]): void {
    if (!this.isClosed) this.packets.push(...numbers);
    this.wake();
  }

  async open(): Promise<void> {
    if (this.name === 'missing') throw new SourceError('cannot open "missing": no such device. Set --interface.');
    this.isOpen = true;
  }

  async read(block: { count: number; timeUs: Float64Array }): Promise<boolean> {
    block.count = 0;
    if (this.packets.length === 0 && !this.isClosed)
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    if (this.packets.length === 0) return !this.isClosed;
    block.timeUs.set(this.packets);
    block.count = this.packets.length;
    this.packets = [];
    return true;
  }

  counters = () => ({ packetsDroppedByKernel: 1, packetsDroppedByInterface: 2, warnings: [] });
  progress = () => undefined;

  async close(): Promise<void> {
    this.isClosed = true;
    this.wake();
  }
}

async function setUp() {
  const made: FakeLive[] = [];
  const source = new ControlledSource({ interfaceName: 'eth0', filter: '' }, (target) => {
    const live = new FakeLive(target);
    made.push(live);
    return live;
  });
  await source.open();
  const block = createRawPackets(100);
  const readSome = async () => {
    expect(await source.read(block)).toBe(true);
    return [...block.timeUs.subarray(0, block.count)];
  };
  return { made, source, readSome, block };
}

const say = (control: object) => Buffer.from(JSON.stringify(control));

describe('ControlledSource', () => {
  it('delivers what was captured before a pause, ticks while it is paused, and goes on afterwards', async () => {
    const { made, source, readSome } = await setUp();
    made[0]!.capture(1, 2);
    await source.pause();
    expect(source.isPaused).toBe(true);
    expect(made[0]!.isClosed).toBe(true);
    expect(await readSome()).toEqual([1, 2]);
    const tick = readSome();
    await source.resume();
    expect(await tick).toEqual([]);
    made[1]!.capture(3);
    expect(await readSome()).toEqual([]);
    expect(await readSome()).toEqual([3]);
    expect(source.isPaused).toBe(false);
  });

  it('moves to another interface without losing what the first one had', async () => {
    const { made, source, readSome } = await setUp();
    made[0]!.capture(1);
    await source.retarget({ interfaceName: 'eth1' });
    made[1]!.capture(2);
    expect(await readSome()).toEqual([1]);
    expect(await readSome()).toEqual([]);
    expect(await readSome()).toEqual([2]);
    expect(source.name).toBe('eth1');
    expect(source.counters()).toMatchObject({ packetsDroppedByKernel: 2, packetsDroppedByInterface: 4 });
  });

  it('changes only what a change names, also while it is paused', async () => {
    const { made, source, readSome } = await setUp();
    await source.pause();
    await source.retarget({ filter: 'tcp' });
    expect(made).toHaveLength(1);
    await source.resume();
    expect(made[1]!.target).toEqual({ interfaceName: 'eth0', filter: 'tcp' });
    await readSome();
    await source.retarget({ interfaceName: 'eth1' });
    expect(made[2]!.target).toEqual({ interfaceName: 'eth1', filter: 'tcp' });
  });

  it('goes on as before when the new interface cannot be opened', async () => {
    const { made, source, readSome } = await setUp();
    await expect(source.retarget({ interfaceName: 'missing' })).rejects.toThrow(/no such device/);
    made[0]!.capture(1);
    expect(await readSome()).toEqual([1]);
    expect(source.target.interfaceName).toBe('eth0');
  });

  it('ends when it is closed, paused or not', async () => {
    const running = await setUp();
    const reading = running.source.read(running.block);
    await running.source.close();
    expect(await reading).toBe(false);
    const paused = await setUp();
    await paused.source.pause();
    const ticking = paused.source.read(paused.block);
    await paused.source.close();
    await ticking;
    expect(await paused.source.read(paused.block)).toBe(false);
  });

  it('opens one interface for two who ask it to go on at the same time', async () => {
    const { made, source, readSome } = await setUp();
    await source.pause();
    await Promise.all([source.resume(), source.resume()]);
    expect(made.filter(({ isOpen, isClosed }) => isOpen && !isClosed)).toHaveLength(1);
    await readSome();
    made[1]!.capture(1);
    expect(await readSome()).toEqual([1]);
  });

  it('pauses what another is just pointing elsewhere', async () => {
    const { made, source } = await setUp();
    await Promise.all([source.retarget({ interfaceName: 'eth1' }), source.pause()]);
    expect(source.isPaused).toBe(true);
    expect(made.filter(({ isOpen, isClosed }) => isOpen && !isClosed)).toEqual([]);
  });

  it('leaves nothing open that it was just opening when it is closed', async () => {
    const { made, source } = await setUp();
    const change = source.retarget({ interfaceName: 'eth1' });
    await Promise.all([source.close(), change]);
    expect(made.filter(({ isOpen, isClosed }) => isOpen && !isClosed)).toEqual([]);
  });

  it('stays paused when a pause follows a resume at once', async () => {
    const { made, source, readSome } = await setUp();
    await source.pause();
    await source.resume();
    await source.pause();
    expect(made.every(({ isClosed }) => isClosed)).toBe(true);
    await readSome();
    expect(source.isPaused).toBe(true);
  });
});

describe('PauseGate', () => {
  it('holds back until it is opened', async () => {
    const gate = new PauseGate('a.pcap');
    await gate.passed();
    await gate.pause();
    let hasPassed = false;
    const passing = gate.passed().then(() => {
      hasPassed = true;
    });
    await Promise.resolve();
    expect(hasPassed).toBe(false);
    await gate.resume();
    await passing;
    expect(gate.isPaused).toBe(false);
  });
});

describe('obeyControl', () => {
  it('does what is meant for its own sensor', async () => {
    const gate = new PauseGate('a.pcap');
    const stop = { kind: 'capture-stop', sensor: 'office' } as const;
    expect(await obeyControl(say(stop), 'office', gate)).toEqual({ kind: 'done', control: stop });
    expect(gate.isPaused).toBe(true);
    await obeyControl(say({ kind: 'capture-start', sensor: 'office' }), 'office', gate);
    expect(gate.isPaused).toBe(false);
  });

  it.each([
    { kind: 'capture-stop', sensor: 'lab' },
    { kind: 'unsuppress', id: 'x' },
    { kind: 'model', name: 'x' },
  ])('leaves %j to others', async (control) => {
    const gate = new PauseGate('a.pcap');
    expect(await obeyControl(say(control), 'office', gate)).toEqual({ kind: 'not-ours' });
    expect(gate.isPaused).toBe(false);
  });

  it('has nothing to do for a control that was taken back', async () => {
    expect(await obeyControl(new Uint8Array(0), 'office', new PauseGate('a'))).toEqual({ kind: 'not-ours' });
  });

  it.each([
    ['no JSON', Buffer.from('{')],
    ['an unknown kind', say({ kind: 'reboot', sensor: 'office' })],
    ['no sensor', say({ kind: 'capture-stop' })],
    ['a filter that is no text', say({ kind: 'capture-source', sensor: 'office', filter: 5 })],
    ['an endless name', say({ kind: 'capture-source', sensor: 'office', interface: 'x'.repeat(1000) })],
    ['70,000 bytes', Buffer.alloc(70_000, 32)],
    ['random bytes', Buffer.from([0xff, 0xfe, 0, 1, 2])],
  ])('refuses %s with a reason, and does not throw', async (_, value) => {
    const gate = new PauseGate('a.pcap');
    expect(await obeyControl(value, 'office', gate)).toMatchObject({ kind: 'refused', reason: expect.any(String) });
    expect(gate.isPaused).toBe(false);
  });

  it('refuses to point a file elsewhere', async () => {
    const control = say({ kind: 'capture-source', sensor: 'office', interface: 'eth1' });
    expect(await obeyControl(control, 'office', new PauseGate('a.pcap'))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('reads "a.pcap", not an interface'),
    });
  });

  it('gives the reason why an interface cannot be captured', async () => {
    const { source } = await setUp();
    const control = say({ kind: 'capture-source', sensor: 'office', interface: 'missing' });
    expect(await obeyControl(control, 'office', source)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('no such device'),
    });
  });
});
