/** SYN flood: many first packets, few of them answered, none completed (RFC 4987). */
import { Random } from '../random.js';
import type { PacketStream, Play, Tally } from '../simulation.js';
import { checksumOf, concat, put16, put32, uint16, uint32 } from '../wire/bytes.js';
import { TcpFlag, tcpFrame } from '../wire/frame.js';
import { endpoint, type Host, ipv4, ipv4Text } from '../wire/host.js';
import type { PcapWriter } from '../wire/pcap-writer.js';
import type { AttackLabel, AttackPace, AttackStage } from './attack.js';
import { SpoofedSources } from './spoofed-sources.js';

export interface SynFlood extends AttackPace {
  readonly sources: number;
  readonly targetPort: number;
}

/** Connections the victim keeps half open before it falls silent. */
const BACKLOG = 256;
/** The address of a flood that is not spoofed. */
const ATTACKER = '203.0.113.66';

/** The changing fields of the flood's packets, one packet after the other; two copies with one seed agree. */
class SynSequence {
  timeUs: number;
  source = 0;
  port = 0;
  sequence = 0;
  private readonly random: Random;
  private readonly sources: SpoofedSources;
  private exactUs: number;
  private readonly gapUs: number;
  private readonly single: number;

  constructor(flood: SynFlood, seed: number, startUs: number) {
    this.random = new Random(seed, 'syn-flood');
    this.sources = new SpoofedSources(seed, flood.sources);
    this.single = flood.sources === 1 ? addressNumber(ipv4(ATTACKER)) : 0;
    this.gapUs = 1_000_000 / flood.packetsPerSecond;
    this.exactUs = startUs;
    this.timeUs = startUs;
    this.draw();
  }

  next(): void {
    this.exactUs += this.gapUs * (0.5 + this.random.unit());
    this.timeUs = Math.floor(this.exactUs);
    this.draw();
  }

  private draw(): void {
    this.source = this.single || this.sources.next();
    this.sequence = this.random.uint32();
    this.port = 1024 + (this.random.uint32() % 64512);
  }
}

function addressNumber(address: Uint8Array): number {
  return ((address[0]! << 24) | (address[1]! << 16) | (address[2]! << 8) | address[3]!) >>> 0;
}

/** Offsets in an Ethernet frame with IPv4 and TCP. */
const At = { ipId: 18, ipChecksum: 24, source: 26, sourcePort: 34, sequence: 38, tcpChecksum: 50 } as const;

/**
 * Writes the flood from a template: copies it, patches the changing fields, and brings the checksums up to date from the
 * template's (RFC 1624), so that a packet costs no allocation and no sum over its bytes.
 */
class SynFloodStream implements PacketStream {
  order = 0;
  timeUs: number;
  private left: number;
  private readonly template: Uint8Array;
  private readonly ipSum: number;
  private readonly tcpSum: number;

  constructor(
    private readonly sequence: SynSequence,
    options: { flood: SynFlood; victim: Host; gateway: Host },
    readonly tally: Tally,
  ) {
    this.timeUs = sequence.timeUs;
    this.left = options.flood.packets;
    this.template = synTemplate(options);
    this.ipSum = ~read16(this.template, At.ipChecksum) & 0xffff;
    this.tcpSum = ~read16(this.template, At.tcpChecksum) & 0xffff;
  }

  write(capture: PcapWriter): boolean {
    this.patch(capture.bytes, capture.write(this.timeUs, this.template));
    this.left -= 1;
    if (this.left === 0) {
      this.timeUs = Number.POSITIVE_INFINITY;
      return true;
    }
    this.sequence.next();
    this.timeUs = this.sequence.timeUs;
    return true;
  }

  private patch(bytes: Uint8Array, at: number): void {
    const { source, port, sequence } = this.sequence;
    const ipId = this.left & 0xffff;
    const sourceSum = (source >>> 16) + (source & 0xffff);
    put16(bytes, at + At.ipId, ipId);
    put16(bytes, at + At.ipChecksum, checksumOf(this.ipSum + ipId + sourceSum));
    put32(bytes, at + At.source, source);
    put16(bytes, at + At.sourcePort, port);
    put32(bytes, at + At.sequence, sequence);
    const tcpSum = this.tcpSum + sourceSum + port + (sequence >>> 16) + (sequence & 0xffff);
    put16(bytes, at + At.tcpChecksum, checksumOf(tcpSum));
  }
}

function read16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}

/** A SYN whose changing fields are all zero. */
function synTemplate(options: { flood: SynFlood; victim: Host; gateway: Host }): Uint8Array {
  const nobody: Host = { ...options.gateway, ipv4: new Uint8Array(4), ipId: 0xffff, hopLimit: 52 };
  return tcpFrame({
    from: endpoint(nobody, 0),
    to: endpoint(options.victim, options.flood.targetPort),
    sequence: 0,
    acknowledgment: 0,
    flags: TcpFlag.syn,
    window: 1024,
    options: concat([Uint8Array.of(2, 4), uint16(1460)]),
  });
}

/** The victim answers until its backlog is full, then no more. */
function* answers(stage: AttackStage, flood: SynFlood, victim: Host): Play {
  const sequence = new SynSequence(flood, stage.seed, stage.startUs);
  const { gateway } = stage.scene.network;
  for (let left = Math.min(BACKLOG, flood.packets); left > 0; left -= 1) {
    const source = {
      host: { ...gateway, ipv4: uint32(sequence.source) },
      ip: uint32(sequence.source),
      port: sequence.port,
    };
    const bytes = tcpFrame({
      from: endpoint(victim, flood.targetPort),
      to: source,
      sequence: stage.random.uint32(),
      acknowledgment: (sequence.sequence + 1) >>> 0,
      flags: TcpFlag.syn | TcpFlag.ack,
      window: 64240,
      options: concat([Uint8Array.of(2, 4), uint16(1460)]),
    });
    yield { timeUs: sequence.timeUs + 140, bytes };
    sequence.next();
  }
}

/** Starts a SYN flood against the web server. */
export function startSynFlood(stage: AttackStage, flood: SynFlood): AttackLabel {
  const { web: victim } = stage.scene.network.servers;
  const { gateway } = stage.scene.network;
  const sequence = new SynSequence(flood, stage.seed, stage.startUs);
  stage.addStream(new SynFloodStream(sequence, { flood, victim, gateway }, stage.tally));
  stage.scene.spawn(answers(stage, flood, victim), stage.startUs);
  const isSpoofed = flood.sources > 1;
  return {
    label: isSpoofed ? 'syn_flood_spoofed' : 'syn_flood_single_source',
    category: 'flood',
    attacker: isSpoofed ? `${flood.sources} spoofed` : ATTACKER,
    victim: `${ipv4Text(victim.ipv4)}:${flood.targetPort}`,
    note: `${flood.packetsPerSecond} SYN/s; the first ${BACKLOG} are answered`,
  };
}
