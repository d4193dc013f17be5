/** Packets that no working system sends: fragments that overlap, connections of an address with itself. */
import type { Play } from '../simulation.js';
import { ascii, concat } from '../wire/bytes.js';
import { fragmentFrames, TcpFlag, tcpFrame, udpFrame } from '../wire/frame.js';
import { endpoint, type Host, nextPort } from '../wire/host.js';
import { ciphertext } from '../wire/payloads.js';
import { type AttackKind, type AttackSettings, type AttackStage, paced } from './attack.js';
import { addressOf, outsider } from './cast.js';

/** Length of the first fragment, and by how much the second one reaches back into it. Unit: byte, multiples of eight. */
const CUT = { bytes: 600, overlapBytes: 200 } as const;

function overlapping(stage: AttackStage, attacker: Host): Uint8Array[] {
  const { web } = stage.scene.network.servers;
  const from = endpoint(attacker, nextPort(attacker));
  const whole = udpFrame(from, endpoint(web, 5000), ciphertext(stage.random, 1100));
  return fragmentFrames(whole, CUT.bytes, CUT.overlapBytes);
}

/** A SYN that says to come from the address and port that it goes to (CVE-1999-0016). */
function land(stage: AttackStage): Uint8Array[] {
  const { gateway, servers } = stage.scene.network;
  const to = endpoint(servers.web, 80);
  const from = { ...to, host: { ...gateway, ipv4: servers.web.ipv4, hopLimit: 55 } };
  const numbers = { sequence: stage.random.uint32(), acknowledgment: 0, flags: TcpFlag.syn, window: 1024 };
  return [tcpFrame({ from, to, ...numbers })];
}

/** A question whose name goes on behind its end (RFC 1035, 4.1.2). */
function brokenQuestion(stage: AttackStage, attacker: Host): Uint8Array[] {
  const { resolver } = stage.scene.network.servers;
  const message = concat([stage.random.bytes(2), Uint8Array.of(1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 63), ascii('abc')]);
  return [udpFrame(endpoint(attacker, nextPort(attacker)), endpoint(resolver, 53), message)];
}

function framesOf(stage: AttackStage, technique: string, attacker: Host): Uint8Array[] {
  if (technique === 'land') return land(stage);
  return technique === 'dns' ? brokenQuestion(stage, attacker) : overlapping(stage, attacker);
}

function* send(stage: AttackStage, settings: AttackSettings, attacker: Host): Play {
  for (const timeUs of paced(stage, settings)) {
    const frames = framesOf(stage, settings.technique, attacker);
    for (const [i, bytes] of frames.entries()) yield { timeUs: timeUs + 40 * i, bytes };
  }
}

/** Packets made by hand, to break or to confuse. */
export const protocolViolation = {
  name: 'protocol-violation',
  summary: 'fragments that overlap, SYN packets of an address to itself, or broken DNS questions, against one server',
  unit: 'packets',
  techniques: ['fragments', 'land', 'dns'],
  defaults: { packets: 20, packetsPerSecond: 2, jitter: 0.3 },
  start(stage, settings) {
    const attacker = outsider(stage, 'breaker', '203.0.113.160');
    const { servers } = stage.scene.network;
    const { web } = servers;
    stage.scene.spawn(send(stage, settings, attacker), stage.startUs);
    return {
      label: `protocol_violation_${settings.technique}`,
      category: 'anomaly',
      attacker: settings.technique === 'land' ? addressOf(web) : addressOf(attacker),
      victim: addressOf(settings.technique === 'dns' ? servers.resolver : web),
      note: `${settings.packets} packets at ${settings.packetsPerSecond}/s`,
    };
  },
} as const satisfies AttackKind;
