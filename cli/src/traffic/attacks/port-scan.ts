/** Port scans by a desk inside: vertical with five techniques, and horizontal over the neighbouring network. */
import type { ScanTechnique } from '../options.js';
import type { Play } from '../simulation.js';
import { ascii, concat, uint16 } from '../wire/bytes.js';
import { portUnreachableFrame, TcpFlag, tcpFrame, udpFrame } from '../wire/frame.js';
import { type Endpoint, endpoint, type Host, ipv4, ipv4Text, nextPort } from '../wire/host.js';
import { sctpAbortFrame, sctpInitFrame } from '../wire/sctp.js';
import { TcpConversation } from '../wire/tcp-conversation.js';
import type { AttackLabel, AttackPace, AttackStage } from './attack.js';
import { oneOfMany } from './cast.js';

export interface PortScan extends AttackPace {
  readonly technique: ScanTechnique;
  /** First port of a vertical scan, the only one of a horizontal scan. */
  readonly targetPort: number;
  /** From how many addresses; more than one are outside. */
  readonly sources: number;
}

const OPEN_PORTS = new Set([22, 80, 111, 443, 873]);
const STEALTH_FLAGS = { fin: TcpFlag.fin, null: 0, xmas: TcpFlag.fin | TcpFlag.psh | TcpFlag.urg } as const;

interface Probe {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly timeUs: number;
}

/** A reset for a probe that met a closed port, or that takes back an answered one. */
function resetFrame(from: Endpoint, to: Endpoint, numbers: { sequence: number; acknowledgment: number }): Uint8Array {
  const flags = numbers.acknowledgment === 0 ? TcpFlag.rst : TcpFlag.rst | TcpFlag.ack;
  return tcpFrame({ from, to, ...numbers, flags, window: 0 });
}

const SYN_OPTIONS = concat([Uint8Array.of(2, 4), uint16(1460)]);

/** Half-open probe: an open port is reset after its SYN-ACK, a closed one resets. */
function* synProbe(stage: AttackStage, { from, to, timeUs }: Probe): Play {
  const sequence = stage.random.uint32();
  const syn = { from, to, sequence, acknowledgment: 0, flags: TcpFlag.syn, window: 1024, options: SYN_OPTIONS };
  yield { timeUs, bytes: tcpFrame(syn) };
  const answerUs = timeUs + to.host.turnaroundUs;
  const acknowledgment = (sequence + 1) >>> 0;
  if (!OPEN_PORTS.has(to.port)) {
    yield { timeUs: answerUs, bytes: resetFrame(to, from, { sequence: 0, acknowledgment }) };
    return;
  }
  const flags = TcpFlag.syn | TcpFlag.ack;
  const answer = { from: to, to: from, sequence: stage.random.uint32(), acknowledgment, flags, window: 64240 };
  yield { timeUs: answerUs, bytes: tcpFrame({ ...answer, options: SYN_OPTIONS }) };
  const resetUs = answerUs + from.host.turnaroundUs;
  yield { timeUs: resetUs, bytes: resetFrame(from, to, { sequence: acknowledgment, acknowledgment: 0 }) };
}

/** Full handshake where the port is open. */
function* connectProbe(stage: AttackStage, { from, to, timeUs }: Probe): Play {
  const connection = new TcpConversation({ client: from, server: to }, timeUs, stage.random.fork('connect'));
  if (!OPEN_PORTS.has(to.port)) return yield* connection.refuse();
  yield* connection.open();
  yield* connection.reset('client');
}

/** FIN, NULL and Xmas: closed ports reset, open ones stay silent (RFC 9293, 3.10.7.1). */
function* stealthProbe(stage: AttackStage, { from, to, timeUs }: Probe, flags: number): Play {
  const sequence = stage.random.uint32();
  yield { timeUs, bytes: tcpFrame({ from, to, sequence, acknowledgment: 0, flags, window: 1024 }) };
  if (OPEN_PORTS.has(to.port)) return;
  const acknowledgment = (sequence + (flags & TcpFlag.fin ? 1 : 0)) >>> 0;
  const bytes = resetFrame(to, from, { sequence: 0, acknowledgment });
  yield { timeUs: timeUs + to.host.turnaroundUs, bytes };
}

/** UDP: a closed port is reported by ICMP, of which the victim sends only some (rate limit). */
function* udpProbe(stage: AttackStage, { from, to, timeUs }: Probe): Play {
  const probe = udpFrame(from, to, to.port === 53 ? ascii('\0\0\x10\0\0\0\0\0\0\0\0\0') : new Uint8Array(0));
  yield { timeUs, bytes: probe };
  if (!stage.random.chance(0.15)) return;
  const bytes = portUnreachableFrame(endpoint(to.host, 0), endpoint(from.host, 0), probe);
  yield { timeUs: timeUs + to.host.turnaroundUs, bytes };
}

/** A bare ACK: closed and open ports reset alike, which tells what a filter lets through (RFC 9293, 3.10.7). */
function* ackProbe(stage: AttackStage, { from, to, timeUs }: Probe): Play {
  const acknowledgment = stage.random.uint32();
  const sequence = stage.random.uint32();
  yield { timeUs, bytes: tcpFrame({ from, to, sequence, acknowledgment, flags: TcpFlag.ack, window: 1024 }) };
  const bytes = tcpFrame({
    from: to,
    to: from,
    sequence: acknowledgment,
    acknowledgment: 0,
    flags: TcpFlag.rst,
    window: 0,
  });
  yield { timeUs: timeUs + to.host.turnaroundUs, bytes };
}

/** SCTP: nobody speaks it here, so each INIT is aborted (RFC 9260, 8.4). */
function* sctpProbe(stage: AttackStage, { from, to, timeUs }: Probe): Play {
  const tag = stage.random.uint32();
  yield { timeUs, bytes: sctpInitFrame(from, to, tag) };
  yield { timeUs: timeUs + to.host.turnaroundUs, bytes: sctpAbortFrame(to, from, tag) };
}

/** One port on addresses where mostly nobody lives: a SYN, and rarely an answer. */
function* sweepProbe(stage: AttackStage, probe: Probe): Play {
  if (stage.random.chance(0.04)) return yield* synProbe(stage, probe);
  const { from, to, timeUs } = probe;
  const sequence = stage.random.uint32();
  const syn = { from, to, sequence, acknowledgment: 0, flags: TcpFlag.syn, window: 1024, options: SYN_OPTIONS };
  yield { timeUs, bytes: tcpFrame(syn) };
}

function probePlay(stage: AttackStage, technique: ScanTechnique, probe: Probe): Play {
  switch (technique) {
    case 'syn':
      return synProbe(stage, probe);
    case 'connect':
      return connectProbe(stage, probe);
    case 'udp':
      return udpProbe(stage, probe);
    case 'ack':
      return ackProbe(stage, probe);
    case 'sctp':
      return sctpProbe(stage, probe);
    case 'horizontal':
      return sweepProbe(stage, probe);
    default:
      return stealthProbe(stage, probe, STEALTH_FLAGS[technique]);
  }
}

/** The `index`-th address of a horizontal scan: 198.51.100.0/24, then 203.0.113.0/24, behind the gateway. */
function sweptHost(gateway: Host, index: number): Host {
  const network = index % 508 < 254 ? '198.51.100' : '203.0.113';
  return { ...gateway, ipv4: ipv4(`${network}.${1 + (index % 254)}`), hopLimit: 53, turnaroundUs: 18_000 };
}

/** Ports in a fixed shuffled order: a stride without a common divisor with the number of ports. */
function shuffledIndex(index: number, count: number): number {
  return (index * 7919) % count;
}

function* scan(stage: AttackStage, options: PortScan, ends: { attacker: Host; victim: Host }): Play {
  const gapUs = 1_000_000 / options.packetsPerSecond;
  const isHorizontal = options.technique === 'horizontal';
  const sourcePort = nextPort(ends.attacker);
  const { gateway } = stage.scene.network;
  for (let index = 0, timeUs = stage.startUs; index < options.packets; index += 1) {
    yield timeUs;
    const host = isHorizontal ? sweptHost(gateway, index) : ends.victim;
    const port = isHorizontal ? 0 : shuffledIndex(index, options.packets);
    const attacker = options.sources > 1 ? oneOfMany(stage, index % options.sources) : ends.attacker;
    const from = endpoint(attacker, options.technique === 'connect' ? nextPort(ends.attacker) : sourcePort);
    const to = endpoint(host, 1 + ((options.targetPort - 1 + port) % 65535));
    scanProbe(stage, options.technique, { from, to, timeUs });
    timeUs += Math.max(1, Math.floor(gapUs * (0.6 + 0.8 * stage.random.unit())));
  }
}

function scanProbe(stage: AttackStage, technique: ScanTechnique, probe: Probe): void {
  stage.scene.spawn(probePlay(stage, technique, probe), probe.timeUs);
}

/** Starts a scan by one desk: of the build server's ports, or of one port outside. */
export function startPortScan(stage: AttackStage, options: PortScan): AttackLabel {
  const { clients, servers } = stage.scene.network;
  const attacker = clients[5 % clients.length]!;
  stage.scene.spawn(scan(stage, options, { attacker, victim: servers.shell }), stage.startUs);
  const isHorizontal = options.technique === 'horizontal';
  const swept = options.packets > 254 ? '198.51.100.0/24 203.0.113.0/24' : '198.51.100.0/24';
  return {
    label: isHorizontal ? 'address_sweep_tcp' : `port_scan_${options.technique}`,
    category: 'scan',
    attacker: options.sources > 1 ? `${options.sources} outside` : ipv4Text(attacker.ipv4),
    victim: isHorizontal ? `${swept}` : ipv4Text(servers.shell.ipv4),
    note: `${options.packets} ${isHorizontal ? `addresses on port ${options.targetPort}` : 'ports'} at ${options.packetsPerSecond}/s`,
  };
}
