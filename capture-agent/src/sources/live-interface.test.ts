import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CaptureDriver, type DriverOptions, loadPcapDriver, type PacketTaker } from './capture-driver.js';
import { createLiveSource, type LiveSourceOptions } from './live-interface.js';
import type { NetworkInterface } from './network-interfaces.js';
import { createRawPackets } from './source.js';

const INTERFACES: NetworkInterface[] = [
  { name: 'lo', addresses: ['127.0.0.1'], isUp: true, isLoopback: true },
  { name: 'eth0', addresses: ['192.0.2.1'], isUp: true, isLoopback: false },
];

/** A driver whose packets, drops and errors the test sets. */
class FakeDriver implements CaptureDriver {
  options: DriverOptions | undefined;
  totals = { byKernel: 0, byInterface: 0 };
  closed = 0;
  take: PacketTaker = () => undefined;

  constructor(readonly refusal?: string) {}

  open(options: DriverOptions, take: PacketTaker) {
    if (this.refusal) throw new Error(this.refusal);
    this.options = options;
    this.take = take;
    return {
      linkType: 1,
      dropped: () => {
        if (this.totals.byKernel < 0) throw new Error('interface went away');
        return { ...this.totals };
      },
      close: () => {
        this.closed++;
      },
    };
  }

  send(count: number, lengthBytes = 60): void {
    for (let i = 0; i < count; i++) this.take(new Uint8Array(lengthBytes), 1000 + i, lengthBytes, lengthBytes);
  }
}

function live(driver: CaptureDriver, options: Partial<LiveSourceOptions> = {}) {
  return createLiveSource({ interfaceName: 'eth0', driver, interfaces: INTERFACES, ...options });
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('live capture', () => {
  it('opens the first usable interface for auto and hands the options to the library', async () => {
    const driver = new FakeDriver();
    const source = live(driver, { interfaceName: 'auto', filter: 'tcp', snapLengthBytes: 128, promiscuous: false });
    await source.open();
    expect(source.name).toBe('eth0');
    const bufferBytes = 32 * 1024 * 1024;
    expect(driver.options).toEqual({
      interfaceName: 'eth0',
      filter: 'tcp',
      snapLengthBytes: 128,
      promiscuous: false,
      bufferBytes,
    });
    await source.close();
    expect(driver.closed).toBe(1);
  });

  it('resolves a waiting read when a packet comes, with all that came by then', async () => {
    const driver = new FakeDriver();
    const source = live(driver);
    await source.open();
    const block = createRawPackets(100);
    const reading = source.read(block);
    driver.send(3);
    expect([await reading, block.count, block.timeUs[2]]).toEqual([true, 3, 1002]);
    await source.close();
  });

  it('resolves with an empty block once the tick passes', async () => {
    const source = live(new FakeDriver(), { tickMs: 250 });
    await source.open();
    const block = createRawPackets(100);
    let done: boolean | undefined;
    const reading = source.read(block).then((goesOn) => {
      done = goesOn;
    });
    await vi.advanceTimersByTimeAsync(249);
    expect(done).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    await reading;
    expect([done, block.count]).toEqual([true, 0]);
    await source.close();
  });

  it('keeps what the reader holds untouched while packets come in', async () => {
    const driver = new FakeDriver();
    const source = live(driver);
    await source.open();
    const block = createRawPackets(1);
    driver.take(Uint8Array.of(1), 1, 1, 1);
    driver.take(Uint8Array.of(2), 2, 1, 1);
    await source.read(block);
    driver.take(Uint8Array.of(3), 3, 1, 1);
    expect(block.bytes[block.offset[0]!]).toBe(1);
    await source.read(block);
    expect(block.bytes[block.offset[0]!]).toBe(2);
    await source.read(block);
    expect(block.bytes[block.offset[0]!]).toBe(3);
    await source.close();
  });

  it('refuses packets beyond its queue, by number or bytes, and counts them as dropped by the kernel', async () => {
    const driver = new FakeDriver();
    const source = live(driver, { queue: { packets: 10, bytes: 1000 } });
    await source.open();
    driver.send(12, 10);
    expect(source.counters().packetsDroppedByKernel).toBe(2);
    const block = createRawPackets(100);
    await source.read(block);
    expect(block.count).toBe(10);
    driver.send(3, 400);
    expect(source.counters().packetsDroppedByKernel).toBe(3);
    await source.close();
  });

  it('reads the drops of kernel and interface every second, across the overflow of 32 bits', async () => {
    const driver = new FakeDriver();
    const source = live(driver);
    await source.open();
    driver.totals = { byKernel: 2 ** 32 - 1, byInterface: 5 };
    expect(source.counters().packetsDroppedByInterface).toBe(0);
    await vi.advanceTimersByTimeAsync(1000);
    driver.totals = { byKernel: 2, byInterface: 6 };
    await vi.advanceTimersByTimeAsync(1000);
    expect(source.counters()).toEqual({
      packetsDroppedByKernel: 2 ** 32 + 2,
      packetsDroppedByInterface: 6,
      warnings: [],
    });
    driver.totals.byKernel = -1;
    await vi.advanceTimersByTimeAsync(3000);
    await source.close();
    expect(source.counters().warnings).toEqual([expect.stringMatching(/drop counts of eth0.*went away/)]);
  });

  it('delivers what was captured before the close, then ends a read', async () => {
    const driver = new FakeDriver();
    const source = live(driver);
    await source.open();
    driver.send(2);
    await source.close();
    driver.send(2);
    const block = createRawPackets(10);
    expect([await source.read(block), block.count]).toEqual([true, 2]);
    expect(await source.read(block)).toBe(false);
  });

  it('ends a read that waits when it is closed', async () => {
    const source = live(new FakeDriver());
    await source.open();
    const reading = source.read(createRawPackets(10));
    await source.close();
    expect(await reading).toBe(false);
  });

  it.each([
    ['No such device exists', 'cannot open "eth9": no such device. Found: lo, eth0. Set --interface.'],
    ['socket: Operation not permitted', /"eth9": no permission to capture.*sudo setcap cap_net_raw,cap_net_admin/],
    ["can't parse filter expression: syntax error", /"eth9": the filter "tpc" is not valid.*pcap-filter\(7\)/],
    ['That device is not up', /"eth9": That device is not up. Found: lo, eth0. Check that it is up/],
  ])('says what to do when the library says "%s"', async (refusal, message) => {
    const source = live(new FakeDriver(refusal), { interfaceName: 'eth9', filter: 'tpc' });
    await expect(source.open()).rejects.toThrow(message);
    await source.close();
  });

  it('refuses sizes that the library would take amiss', async () => {
    await expect(live(new FakeDriver(), { snapLengthBytes: 10 }).open()).rejects.toThrow(
      /snap length of 10 bytes.*64 to/,
    );
    await expect(live(new FakeDriver(), { bufferBytes: 1.5 }).open()).rejects.toThrow(/capture buffer of 1.5 bytes/);
  });
});

describe('the driver on the npm package pcap', () => {
  /** The package as it behaves: one buffer and header for all packets, link types by name. */
  function fakePackage(linkType: string) {
    const sessions: { name: string; options: unknown; emit: () => void }[] = [];
    const createSession = (name: string, options: unknown) => {
      let listener: (packet: unknown) => void = () => undefined;
      const header = Buffer.alloc(16);
      new Uint32Array(header.buffer, header.byteOffset, 4).set([1_700_000_000, 250, 4, 60]);
      sessions.push({ name, options, emit: () => listener({ buf: Buffer.of(1, 2, 3, 4, 9, 9), header }) });
      return {
        link_type: linkType,
        on: (_event: string, added: typeof listener) => {
          listener = added;
        },
        stats: () => ({ ps_recv: 9, ps_drop: 3, ps_ifdrop: 2 }),
        close: () => undefined,
      };
    };
    return { sessions, module: { default: { createSession, warningHandler: () => undefined } } };
  }

  const options: DriverOptions = {
    interfaceName: 'eth0',
    filter: 'udp',
    snapLengthBytes: 96,
    promiscuous: true,
    bufferBytes: 1 << 20,
  };

  it('passes options on, reads packet headers and drop counts', async () => {
    const { sessions, module } = fakePackage('LINKTYPE_LINUX_SLL');
    const driver = await loadPcapDriver(async () => module);
    const taken: unknown[] = [];
    const session = driver.open(options, (_bytes, ...rest) => taken.push(rest));
    sessions[0]!.emit();
    expect(taken).toEqual([[1_700_000_000_000_250, 4, 60]]);
    expect(sessions[0]).toMatchObject({ name: 'eth0', options: { filter: 'udp', snap_length: 96, promiscuous: true } });
    expect([session.linkType, session.dropped()]).toEqual([113, { byKernel: 3, byInterface: 2 }]);
  });

  it('reads the number of a link type that the package has no name for', async () => {
    for (const [name, linkType] of [
      ['Unknown linktype 276', 276],
      ['Unknown linktype 12', 101],
      ['?', 65_535],
    ] as const) {
      const driver = await loadPcapDriver(async () => fakePackage(name).module);
      expect(driver.open(options, () => undefined).linkType).toBe(linkType);
    }
  });

  it('says how to get the package when it is missing', async () => {
    const missing = () => Promise.reject(new Error("Cannot find package 'pcap'\nRequire stack"));
    await expect(loadPcapDriver(missing)).rejects.toThrow(
      /\(Cannot find package 'pcap'\)\. Get it with "sudo apt-get install libpcap-dev && npm install pcap"/,
    );
  });
});
