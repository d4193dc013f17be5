/** Floods of packets that nobody answers: datagrams, echoes, segments of no connection. */
import type { Play } from '../simulation.js';
import { concat, uint16, uint32 } from '../wire/bytes.js';
import { fragmentFrames, icmpFrame, TcpFlag, tcpFrame, udpFrame } from '../wire/frame.js';
import { type Endpoint, endpoint } from '../wire/host.js';
import { ciphertext } from '../wire/payloads.js';
import { type AttackKind, type AttackLabel, type AttackSettings, type AttackStage, paced } from './attack.js';
import { addressOf, outsider } from './cast.js';
import { SpoofedSources } from './spoofed-sources.js';

const ATTACKER = '203.0.113.66';

type FrameMaker = (from: Endpoint, to: Endpoint, index: number) => Uint8Array;

/** Sends a frame at each time, from a source port that changes, and from an address that does if there are many. */
function* flood(stage: AttackStage, settings: AttackSettings, make: FrameMaker): Play {
  const { gateway, servers } = stage.scene.network;
  const sources = new SpoofedSources(stage.seed, settings.sources);
  const attacker = outsider(stage, 'flooder', ATTACKER);
  const to = endpoint(servers.web, settings.targetPort);
  let index = 0;
  for (const timeUs of paced(stage, settings)) {
    const host = settings.sources === 1 ? attacker : { ...gateway, ipv4: uint32(sources.next()), hopLimit: 52 };
    yield { timeUs, bytes: make(endpoint(host, 1024 + ((index * 7919) % 60_000)), to, index) };
    index += 1;
  }
}

function start(
  stage: AttackStage,
  settings: AttackSettings,
  flooding: { label: string; make: FrameMaker },
): AttackLabel {
  stage.scene.spawn(flood(stage, settings, flooding.make), stage.startUs);
  const { web } = stage.scene.network.servers;
  const isSpoofed = settings.sources > 1;
  return {
    label: flooding.label,
    category: 'flood',
    attacker: isSpoofed ? `${settings.sources} spoofed` : ATTACKER,
    victim: addressOf(web),
    note: `${settings.packets} packets at ${settings.packetsPerSecond}/s, none answered`,
  };
}

/** Bytes of a datagram whose second part never comes, so that the victim waits for it, and of the part that does. */
const UNFINISHED = { bytes: 1300, cutBytes: 1200 } as const;

/** The network whose addresses are flooded one after the other, and how many of them. */
const FLOODED = { network: [10, 20, 3], addresses: 250 } as const;

/** Datagrams to ever other ports of all addresses of a network, a few to each. */
function startOverNetwork(stage: AttackStage, settings: AttackSettings): AttackLabel {
  const payload = ciphertext(stage.random, settings.bytes);
  const make: FrameMaker = (from, to, index) => {
    const ip = Uint8Array.of(...FLOODED.network, 1 + ((index * 37) % FLOODED.addresses));
    return udpFrame(from, { ...to, ip, port: 20_000 + ((index * 7907) % 20_000) }, payload);
  };
  const label = start(stage, settings, { label: 'udp_flood_network', make });
  return { ...label, victim: `${FLOODED.network.join('.')}.0` };
}

/** Datagrams to one port. */
export const udpFlood = {
  name: 'udp-flood',
  summary:
    'datagrams, or first fragments of them, from many spoofed sources, or one, to one port of one server, or to all addresses of a network',
  unit: 'datagrams',
  techniques: ['datagrams', 'fragments', 'network'],
  defaults: { packets: 4000, packetsPerSecond: 1600, sources: 400, targetPort: 5000, bytes: 64, jitter: 0.3 },
  byTechnique: { network: { packets: 9000, packetsPerSecond: 2600, sources: 3000 } },
  start(stage, settings) {
    if (settings.technique === 'network') return startOverNetwork(stage, settings);
    const isFragments = settings.technique === 'fragments';
    const payload = ciphertext(stage.random, isFragments ? UNFINISHED.bytes : settings.bytes);
    const whole: FrameMaker = (from, to) => udpFrame(from, to, payload);
    const first: FrameMaker = (...ends) => fragmentFrames(whole(...ends), UNFINISHED.cutBytes)[0]!;
    const label = isFragments ? 'udp_flood_fragments' : 'udp_flood';
    return start(stage, settings, { label, make: isFragments ? first : whole });
  },
} as const satisfies AttackKind;

/** Echo requests. */
export const icmpFlood = {
  name: 'icmp-flood',
  summary: 'echo requests from one source, or many spoofed ones, to one server',
  unit: 'messages',
  defaults: { packets: 2500, packetsPerSecond: 500, sources: 1, bytes: 56, jitter: 0.3 },
  start(stage, settings) {
    const payload = ciphertext(stage.random, settings.bytes);
    const message = (index: number) => concat([Uint8Array.of(8, 0, 0, 0, 7, 7), uint16(index & 0xffff), payload]);
    const make: FrameMaker = (from, to, index) => icmpFrame({ ...from, port: 0 }, { ...to, port: 0 }, message(index));
    return start(stage, settings, { label: 'icmp_flood', make });
  },
} as const satisfies AttackKind;

const STRAY_FLAGS = { ack: TcpFlag.ack, rst: TcpFlag.rst, fin: TcpFlag.fin | TcpFlag.ack } as const;

/** Segments that belong to no connection. */
export const packetFlood = {
  name: 'packet-flood',
  summary: 'TCP segments of no connection from many spoofed sources, or one, to one port of one server',
  unit: 'segments',
  techniques: ['ack', 'rst', 'fin'],
  defaults: { packets: 4000, packetsPerSecond: 1600, sources: 2000, targetPort: 443, jitter: 0.3 },
  start(stage, settings) {
    const flags = STRAY_FLAGS[settings.technique as keyof typeof STRAY_FLAGS];
    const make: FrameMaker = (from, to) => {
      const [sequence, acknowledgment] = [stage.random.uint32(), flags & TcpFlag.ack ? stage.random.uint32() : 0];
      return tcpFrame({ from, to, sequence, acknowledgment, flags, window: 512 });
    };
    return start(stage, settings, { label: `packet_flood_${settings.technique}`, make });
  },
} as const satisfies AttackKind;
