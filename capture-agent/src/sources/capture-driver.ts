import { canonicalLinkType } from './capture-parser.js';
import { LinkType, SourceError } from './source.js';

/** What a live capture is opened with. */
export interface DriverOptions {
  interfaceName: string;
  /** BPF filter in pcap-filter(7) syntax; empty takes all packets. */
  filter: string;
  /** Most bytes captured of a packet. */
  snapLengthBytes: number;
  /** Whether to see packets that are not for this machine. */
  promiscuous: boolean;
  /** Kernel buffer. */
  bufferBytes: number;
}

/** Takes one packet; `bytes` holds `capturedBytes` of it from 0 on and is reused after the call. */
export type PacketTaker = (bytes: Uint8Array, timeUs: number, capturedBytes: number, wireBytes: number) => void;

/** An open capture. */
export interface DriverSession {
  /** LinkType of all its packets. */
  readonly linkType: number;
  /** Totals since the capture was opened, each modulo 2^32. Throws when the interface is gone. */
  dropped(): { byKernel: number; byInterface: number };
  /**
   * Ends the capture. The npm package lets go of the interface only at the next packet, so on a quiet one it keeps the
   * process alive: a program that is done must call `process.exit`.
   */
  close(): void;
}

/** The capture library as the live source sees it. `open` throws the library's own errors. */
export interface CaptureDriver {
  open(options: DriverOptions, take: PacketTaker): DriverSession;
}

/**
 * The part of the npm package `pcap` (node_pcap 3) that is used. It hands over packets until the kernel has none left
 * before anything else may run, so under a flood what waits is bounded by the source's queue alone.
 */
interface PcapPackage {
  warningHandler: (text: string) => void;
  createSession(interfaceName: string, options: Record<string, unknown>): PcapSession;
}

interface PcapSession {
  readonly link_type: string;
  on(event: 'packet', listener: (packet: { buf: Buffer; header: Buffer }) => void): void;
  stats(): { ps_drop: number; ps_ifdrop: number };
  close(): void;
}

/** Longest wait of the kernel before it hands over what it has, in ms. */
const KERNEL_WAIT_MS = 100;
const HEADER_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * The driver on libpcap. Loads the optional npm package `pcap` at the call; rejects with a SourceError that says how to
 * get it. `load` stands in for the import in tests.
 */
export async function loadPcapDriver(load: (name: string) => Promise<unknown> = importPackage): Promise<CaptureDriver> {
  const pcap = await load('pcap').catch((error: Error) => {
    throw new SourceError(
      'live capture needs the npm package "pcap", which is not installed or does not load ' +
        `(${error.message.split('\n', 1)[0]}). Get it with "sudo apt-get install libpcap-dev && npm install pcap", ` +
        'or capture with "tcpdump -w - | weir analyze -".',
    );
  });
  const module = pcap as PcapPackage & { default?: PcapPackage };
  return { open: (options, take) => openSession(module.default ?? module, options, take) };
}

function importPackage(name: string): Promise<unknown> {
  return import(name);
}

function openSession(pcap: PcapPackage, options: DriverOptions, take: PacketTaker): DriverSession {
  // Its only warning, an interface without an IPv4 address, would be printed; captures work without one.
  pcap.warningHandler = () => undefined;
  const session = pcap.createSession(options.interfaceName, {
    filter: options.filter,
    snap_length: options.snapLengthBytes,
    buffer_size: options.bufferBytes,
    buffer_timeout: KERNEL_WAIT_MS,
    promiscuous: options.promiscuous,
  });
  session.on('packet', ({ buf, header }) => takePacket(take, buf, header));
  return {
    linkType: linkTypeOf(session.link_type),
    dropped: () => {
      const { ps_drop, ps_ifdrop } = session.stats();
      return { byKernel: ps_drop, byInterface: ps_ifdrop };
    },
    close: () => session.close(),
  };
}

/** The header holds seconds, µs, captured and wire length in the machine's byte order. */
function takePacket(take: PacketTaker, bytes: Buffer, header: Buffer): void {
  const [seconds, micros, captured, wire] = HEADER_LITTLE_ENDIAN
    ? [header.readUInt32LE(0), header.readUInt32LE(4), header.readUInt32LE(8), header.readUInt32LE(12)]
    : [header.readUInt32BE(0), header.readUInt32BE(4), header.readUInt32BE(8), header.readUInt32BE(12)];
  take(bytes, seconds * 1e6 + micros, Math.min(captured, bytes.length), wire);
}

/** The package names five link types and gives the number of others in words; 65535 when neither fits. */
function linkTypeOf(name: string): number {
  const byName: Record<string, number> = {
    LINKTYPE_NULL: LinkType.null,
    LINKTYPE_ETHERNET: LinkType.ethernet,
    LINKTYPE_RAW: LinkType.raw,
    LINKTYPE_LINUX_SLL: LinkType.linuxSll,
    LINKTYPE_IEEE802_11_RADIO: 127,
  };
  const number = /^Unknown linktype (\d+)$/.exec(name)?.[1];
  return byName[name] ?? (number === undefined ? 0xffff : canonicalLinkType(Number(number)));
}
