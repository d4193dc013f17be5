import { type CaptureDriver, type DriverOptions, type DriverSession, loadPcapDriver } from './capture-driver.js';
import { foundInterfaces, listInterfaces, type NetworkInterface, pickInterface } from './network-interfaces.js';
import { PacketQueue, type QueueLimits } from './packet-queue.js';
import { type PacketSource, type RawPackets, type SourceCounters, SourceError } from './source.js';
import { WarningLog } from './warning-log.js';

const STATISTICS_EVERY_MS = 1000;

export interface LiveSourceOptions {
  /** Name, or `auto` for the first that is up, has an address and is no loopback. */
  interfaceName: string;
  /** BPF filter, pcap-filter(7). Default: none. */
  filter?: string;
  /** Most bytes captured of a packet, 64 to 262144. Default: 65535. */
  snapLengthBytes?: number;
  /** Default: true. */
  promiscuous?: boolean;
  /** Kernel buffer, 64 KiB to 1 GiB. Default: 32 MiB. */
  bufferBytes?: number;
  /** Longest time `read` waits before it resolves with an empty block, in ms. Default: 1000. */
  tickMs?: number;
  /** What may wait between driver and reader (twice, see PacketQueue). Default: 65,536 packets and 16 MiB. */
  queue?: QueueLimits;
  /** The capture library. Default: the npm package `pcap`, loaded by `open`. */
  driver?: CaptureDriver;
  /** The machine's interfaces, for `auto` and messages. Default: listInterfaces(). */
  interfaces?: readonly NetworkInterface[];
}

/**
 * A source of the packets on an interface. Drops of kernel and interface are read every second. Packets that Weir itself
 * refuses because its queue is full count as dropped by the kernel: the cause is the same, a reader that is too slow.
 */
export function createLiveSource(options: LiveSourceOptions): PacketSource {
  return new LiveInterface(options);
}

class LiveInterface implements PacketSource {
  readonly kind = 'live';
  readonly #options: LiveSourceOptions;
  readonly #warnings = new WarningLog();
  readonly #dropped = { byKernel: 0, byInterface: 0 };
  #last = { byKernel: 0, byInterface: 0 };
  #name: string;
  #queue: PacketQueue | undefined;
  #session: DriverSession | undefined;
  #statistics: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Ends the wait of a pending read. */
  #wake: () => void = () => undefined;

  constructor(options: LiveSourceOptions) {
    this.#options = options;
    this.#name = options.interfaceName;
  }

  /** The interface's name; `auto` until it was opened. */
  get name(): string {
    return this.#name;
  }

  async open(): Promise<void> {
    const { driver, queue: limits = { packets: 65_536, bytes: 16 * 1024 * 1024 } } = this.#options;
    const interfaces = this.#options.interfaces ?? listInterfaces();
    const wanted = driverOptions(this.#options, pickInterface(this.#options.interfaceName, interfaces));
    this.#name = wanted.interfaceName;
    const loaded = driver ?? (await loadPcapDriver());
    const queue = new PacketQueue(limits, () => this.#session?.linkType ?? 0);
    this.#queue = queue;
    try {
      this.#session = loaded.open(wanted, (bytes, timeUs, capturedBytes, wireBytes) => {
        if (this.#isClosed) return;
        queue.put(bytes, timeUs, capturedBytes, wireBytes);
        this.#wake();
      });
    } catch (error) {
      throw new SourceError(describeOpenError((error as Error).message, wanted, interfaces));
    }
    this.#statistics = setInterval(() => this.#readStatistics(), STATISTICS_EVERY_MS);
    this.#statistics.unref();
  }

  async read(block: RawPackets): Promise<boolean> {
    block.count = 0;
    const queue = this.#queue;
    if (queue === undefined) return false;
    if (queue.isEmpty && !this.#isClosed) await this.#packetOrTick();
    // What was captured before the close is still delivered.
    if (queue.isEmpty && this.#isClosed) return false;
    queue.take(block);
    return true;
  }

  #packetOrTick(): Promise<void> {
    return new Promise((resolve) => {
      const tick = setTimeout(resolve, this.#options.tickMs ?? 1000);
      this.#wake = () => {
        clearTimeout(tick);
        this.#wake = () => undefined;
        resolve();
      };
    });
  }

  #readStatistics(): void {
    try {
      const now = this.#session?.dropped() ?? this.#last;
      // The library's totals are 32 bits wide and start over.
      this.#dropped.byKernel += (now.byKernel - this.#last.byKernel) >>> 0;
      this.#dropped.byInterface += (now.byInterface - this.#last.byInterface) >>> 0;
      this.#last = now;
    } catch (error) {
      const { message } = error as Error;
      this.#warnings.add('statistics', () => `The drop counts of ${this.#name} cannot be read: ${message}.`);
    }
  }

  counters(): SourceCounters {
    return {
      packetsDroppedByKernel: this.#dropped.byKernel + (this.#queue?.refusedPackets ?? 0),
      packetsDroppedByInterface: this.#dropped.byInterface,
      warnings: this.#warnings.list(),
    };
  }

  progress(): undefined {
    return undefined;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    if (this.#session) this.#readStatistics();
    this.#isClosed = true;
    clearInterval(this.#statistics);
    this.#session?.close();
    this.#wake();
  }
}

function driverOptions(options: LiveSourceOptions, interfaceName: string): DriverOptions {
  return {
    interfaceName,
    filter: options.filter ?? '',
    snapLengthBytes: within(options.snapLengthBytes ?? 65_535, 64, 262_144, 'snap length'),
    promiscuous: options.promiscuous ?? true,
    bufferBytes: within(options.bufferBytes ?? 32 * 1024 * 1024, 64 * 1024, 1024 ** 3, 'capture buffer'),
  };
}

function within(value: number, least: number, most: number, what: string): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new SourceError(`the ${what} of ${value} bytes is not possible. Give a whole number from ${least} to ${most}.`);
}

/** libpcap's words (pcap_activate(3PCAP), pcap_compile(3PCAP)) as what, which value and the remedy. */
function describeOpenError(reason: string, wanted: DriverOptions, interfaces: readonly NetworkInterface[]): string {
  const what = `cannot open "${wanted.interfaceName}"`;
  if (/filter|syntax|expression/i.test(reason)) {
    return `${what}: the filter "${wanted.filter}" is not valid (${reason}). See pcap-filter(7), for example "tcp port 443".`;
  }
  if (/permission|not permitted|EPERM|EACCES/i.test(reason)) {
    return (
      `${what}: no permission to capture (${reason}). Run with sudo, or allow Node.js once: ` +
      'sudo setcap cap_net_raw,cap_net_admin+eip "$(readlink -f "$(command -v node)")".'
    );
  }
  if (/no such device|doesn't exist|does not exist|not found/i.test(reason)) {
    return `${what}: no such device. ${foundInterfaces(interfaces)} Set --interface.`;
  }
  return `${what}: ${reason}. ${foundInterfaces(interfaces)} Check that it is up, or set --interface.`;
}
