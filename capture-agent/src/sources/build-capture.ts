/** Capture files built byte by byte from the format drafts, for tests. */

/** A packet as a test states it. */
export interface BuiltPacket {
  timeUs: number;
  bytes: Uint8Array;
  /** Default: as many as `bytes`. */
  wireBytes?: number;
}

export interface PcapShape {
  bigEndian?: boolean;
  nanoseconds?: boolean;
  snapBytes?: number;
  linkType?: number;
}

/** Appends numbers in one byte order. */
export class ByteWriter {
  readonly parts: number[] = [];

  constructor(readonly bigEndian = false) {}

  u8(value: number): this {
    this.parts.push(value & 255);
    return this;
  }

  u16(value: number): this {
    return this.bigEndian ? this.u8(value >>> 8).u8(value) : this.u8(value).u8(value >>> 8);
  }

  u32(value: number): this {
    return this.bigEndian ? this.u16(value >>> 16).u16(value) : this.u16(value).u16(value >>> 16);
  }

  raw(bytes: Iterable<number>): this {
    for (const byte of bytes) this.parts.push(byte);
    return this;
  }

  /** Zeros up to the next multiple of four. */
  pad(): this {
    while (this.parts.length % 4 !== 0) this.parts.push(0);
    return this;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.parts);
  }
}

/** A classic pcap file. With nanoseconds, each packet gets 999 ns on top of its µs, which a reader must cut off. */
export function buildPcap(packets: readonly BuiltPacket[], shape: PcapShape = {}): Uint8Array<ArrayBuffer> {
  const file = new ByteWriter(shape.bigEndian);
  file
    .u32(shape.nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4)
    .u16(2)
    .u16(4)
    .u32(0)
    .u32(0);
  file.u32(shape.snapBytes ?? 65_535).u32(shape.linkType ?? 1);
  for (const { timeUs, bytes, wireBytes } of packets) {
    const fraction = timeUs % 1e6;
    file.u32(Math.floor(timeUs / 1e6)).u32(shape.nanoseconds ? fraction * 1000 + 999 : fraction);
    file
      .u32(bytes.length)
      .u32(wireBytes ?? bytes.length)
      .raw(bytes);
  }
  return file.bytes();
}

/** A pcapng block around `body`, padded to four bytes; `lengthBytes` and `trailingBytes` make it lie. */
export function pcapngBlock(
  type: number,
  body: Uint8Array,
  shape: { bigEndian?: boolean; lengthBytes?: number; trailingBytes?: number } = {},
): Uint8Array<ArrayBuffer> {
  const length = shape.lengthBytes ?? 12 + ((body.length + 3) & ~3);
  const block = new ByteWriter(shape.bigEndian).u32(type).u32(length).raw(body).pad();
  return block.u32(shape.trailingBytes ?? length).bytes();
}

/** A section header block with unknown section length. */
export function sectionHeader(bigEndian = false, major = 1): Uint8Array<ArrayBuffer> {
  const body = new ByteWriter(bigEndian).u32(0x1a2b3c4d).u16(major).u16(0).u32(0xffffffff).u32(0xffffffff);
  return pcapngBlock(0x0a0d0d0a, body.bytes(), { bigEndian });
}

/** An interface description block; `options` are raw option bytes in the section's byte order. */
export function interfaceBlock(
  shape: { linkType?: number; snapBytes?: number; options?: Uint8Array; bigEndian?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  const body = new ByteWriter(shape.bigEndian)
    .u16(shape.linkType ?? 1)
    .u16(0)
    .u32(shape.snapBytes ?? 0);
  return pcapngBlock(1, body.raw(shape.options ?? []).bytes(), { bigEndian: shape.bigEndian ?? false });
}

/** One option and the end mark. */
export function option(code: number, value: Uint8Array, bigEndian = false): Uint8Array<ArrayBuffer> {
  return new ByteWriter(bigEndian).u16(code).u16(value.length).raw(value).pad().u16(0).u16(0).bytes();
}

/** An enhanced (6) or obsolete (2) packet block with a timestamp of `ticks` in the interface's own unit. */
export function packetBlock(
  packet: { ticks: bigint; bytes: Uint8Array; wireBytes?: number; capturedBytes?: number; interfaceIndex?: number },
  shape: { bigEndian?: boolean; isObsolete?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  const { ticks, bytes } = packet;
  const body = new ByteWriter(shape.bigEndian);
  if (shape.isObsolete) body.u16(packet.interfaceIndex ?? 0).u16(0xffff);
  else body.u32(packet.interfaceIndex ?? 0);
  body.u32(Number(ticks >> 32n)).u32(Number(ticks & 0xffffffffn));
  body
    .u32(packet.capturedBytes ?? bytes.length)
    .u32(packet.wireBytes ?? bytes.length)
    .raw(bytes);
  return pcapngBlock(shape.isObsolete ? 2 : 6, body.bytes(), { bigEndian: shape.bigEndian ?? false });
}

/** A simple packet block: no interface, no time. */
export function simplePacketBlock(bytes: Uint8Array, wireBytes = bytes.length): Uint8Array<ArrayBuffer> {
  return pcapngBlock(3, new ByteWriter().u32(wireBytes).raw(bytes).bytes());
}

/** A pcapng file of one section and one Ethernet interface in µs. */
export function buildPcapng(packets: readonly BuiltPacket[], bigEndian = false): Uint8Array<ArrayBuffer> {
  const blocks = packets.map(({ timeUs, ...packet }) =>
    packetBlock({ ...packet, ticks: BigInt(timeUs) }, { bigEndian }),
  );
  return concatenate([sectionHeader(bigEndian), interfaceBlock({ bigEndian }), ...blocks]);
}

/** The parts one after another. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts));
}

/** `count` packets of different sizes (0 to 1500 bytes), some cut, a few milliseconds apart, the same at each call. */
export function samplePackets(count: number): BuiltPacket[] {
  return Array.from({ length: count }, (_, i) => {
    const bytes = Uint8Array.from({ length: (i * 397) % 1501 }, (__, k) => (i + k) & 255);
    const timeUs = 1_700_000_000_000_000 + i * 3_217 + (i % 3);
    return i % 4 === 0 ? { timeUs, bytes, wireBytes: bytes.length + 100 } : { timeUs, bytes };
  });
}
