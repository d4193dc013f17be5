/** What somebody does who sits on the same segment: takes addresses, gives out addresses, answers for names. */
import type { Play } from '../simulation.js';
import { concat, uint16, uint32 } from '../wire/bytes.js';
import { DhcpType, dhcpMessage } from '../wire/dhcp.js';
import { DnsType, dnsName } from '../wire/dns.js';
import { arpReplyFrame, arpRequestFrame, icmpFrame, udpFrame } from '../wire/frame.js';
import { type Endpoint, endpoint, type Host, ipv4 } from '../wire/host.js';
import { type AttackKind, type AttackStage, paced } from './attack.js';
import { addressOf, desk } from './cast.js';

/** Text of a hardware address. */
export function macText({ mac }: Host): string {
  return [...mac].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

function* poison(stage: AttackStage, times: Iterable<number>, ends: { attacker: Host; victim: Host }): Play {
  const { gateway } = stage.scene.network;
  const { attacker, victim } = ends;
  for (const timeUs of times) {
    yield { timeUs, bytes: arpReplyFrame({ ...attacker, ipv4: gateway.ipv4 }, victim) };
    yield { timeUs: timeUs + 90, bytes: arpReplyFrame({ ...attacker, ipv4: victim.ipv4 }, gateway) };
  }
}

/** Two machines with one address, each of which looks for the gateway now and then. */
function* conflict(stage: AttackStage, times: Iterable<number>, ends: { attacker: Host; victim: Host }): Play {
  const { gateway } = stage.scene.network;
  const { attacker, victim } = ends;
  for (const timeUs of times) {
    yield { timeUs, bytes: arpRequestFrame({ ...attacker, ipv4: victim.ipv4 }, gateway.ipv4) };
    yield { timeUs: timeUs + 300_000, bytes: arpRequestFrame(victim, gateway.ipv4) };
  }
}

/** A desk puts itself between another and the gateway, or has the address of another by mistake. */
export const arpSpoofing = {
  name: 'arp-spoofing',
  summary:
    'a desk that says by ARP to be the gateway, and to the gateway to be another desk (poison), or that has the address of another (conflict)',
  unit: 'pairs of answers',
  techniques: ['poison', 'conflict'],
  defaults: { packets: 30, packetsPerSecond: 1, jitter: 0.1 },
  start(stage, settings) {
    const [attacker, victim] = [desk(stage, 4), desk(stage, 1)];
    const isConflict = settings.technique === 'conflict';
    const play = isConflict ? conflict : poison;
    stage.scene.spawn(play(stage, paced(stage, settings), { attacker, victim }), stage.startUs);
    const pace = `at ${settings.packetsPerSecond}/s`;
    return {
      label: isConflict ? 'arp_spoofing_conflict' : 'arp_spoofing',
      category: 'arp',
      attacker: macText(attacker),
      victim: addressOf(isConflict ? victim : stage.scene.network.gateway),
      note: isConflict
        ? `${settings.packets} pairs of questions ${pace}`
        : `${settings.packets} pairs of answers ${pace}; ${addressOf(victim)} is cut off from it`,
    };
  },
} as const satisfies AttackKind;

/** The link-local address that follows from the hardware address (RFC 4291, appendix A). */
function linkLocal({ mac }: Host): Uint8Array {
  const identifier = [mac[0]! ^ 2, mac[1]!, mac[2]!, 0xff, 0xfe, mac[3]!, mac[4]!, mac[5]!];
  return Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, ...identifier);
}

/** A router advertisement (RFC 4861, 4.2) to all nodes, with a prefix of 2001:db8::/32. */
function advertisement(router: Host, subnet: number): Uint8Array {
  const from: Endpoint = { host: router, ip: linkLocal(router), port: 0, hopLimit: 255 };
  const group = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
  const mac = Uint8Array.of(0x33, 0x33, 0, 0, 0, 1);
  const prefix = concat([Uint8Array.of(0x20, 1, 0x0d, 0xb8), uint16(subnet), new Uint8Array(10)]);
  const message = concat([
    ...[Uint8Array.of(134, 0, 0, 0, 64, 0, 7, 8), new Uint8Array(8), Uint8Array.of(1, 1), router.mac],
    ...[Uint8Array.of(3, 4, 64, 0xc0), uint32(86_400), uint32(14_400), new Uint8Array(4), prefix],
  ]);
  return icmpFrame(from, { host: { ...router, mac }, ip: group, port: 0 }, message);
}

function* announce(router: Host, subnet: number, times: Iterable<number>): Play {
  for (const timeUs of times) yield { timeUs, bytes: advertisement(router, subnet) };
}

const BROADCAST: Host = {
  name: 'everybody',
  mac: new Uint8Array(6).fill(0xff),
  ipv4: ipv4('255.255.255.255'),
  hopLimit: 64,
  timestamps: false,
  turnaroundUs: 0,
  ipId: 0,
  lastPort: 0,
};

/** A desk asks for an address, and the server offers one with itself as router and name server. */
function* offer(stage: AttackStage, ends: { client: Host; server: Host }, times: Iterable<number>): Play {
  const { client, server } = ends;
  const nobody = { ...endpoint(client, 68), ip: new Uint8Array(4) };
  const everybody = (port: number) => endpoint(BROADCAST, port);
  for (const timeUs of times) {
    const message = { client, transaction: stage.random.uint32(), server: server.ipv4 };
    yield { timeUs, bytes: udpFrame(nobody, everybody(67), dhcpMessage({ ...message, type: 1 })) };
    const answerUs = timeUs + server.turnaroundUs;
    yield {
      timeUs: answerUs,
      bytes: udpFrame(endpoint(server, 67), everybody(68), dhcpMessage({ ...message, type: 2 })),
    };
  }
}

/** A server of addresses or routes that nobody put there, on the day after the network came to be known. */
export const rogueServer = {
  name: 'rogue-server',
  summary: 'a desk that gives out addresses (dhcp) or routes (router) on a network that has been known for a day',
  unit: 'answers',
  techniques: ['dhcp', 'router'],
  defaults: { packets: 4, packetsPerSecond: 0.5, jitter: 0.3 },
  leadS: 90_000,
  calm: 600,
  hosts: 4,
  snapLengthBytes: 400,
  start(stage, settings) {
    const { gateway } = stage.scene.network;
    const [server, client] = [desk(stage, 3), desk(stage, 0)];
    const times = paced(stage, settings);
    const isRouter = settings.technique === 'router';
    stage.scene.spawn(
      isRouter ? announce(server, 0xbad, times) : offer(stage, { client, server }, times),
      stage.startUs,
    );
    const known = stage.scene.startUs + 60_000_000;
    if (isRouter) stage.aside.spawn(announce(gateway, 0x20, [known]), known);
    else stage.aside.spawn(offer(stage, { client, server: gateway }, [known]), known);
    return {
      label: `rogue_server_${settings.technique}`,
      category: 'policy',
      attacker: isRouter ? macText(server) : addressOf(server),
      victim: '10.20.0.0/22',
      note: `${settings.packets} answers at ${settings.packetsPerSecond}/s`,
    };
  },
} as const satisfies AttackKind;

const NAMES = 'wpad fileserver printer01 intranett scanner nas backup-old proxy sharepoint wiki2'.split(' ');
const MDNS_GROUP: Host = { ...BROADCAST, mac: Uint8Array.of(1, 0, 0x5e, 0, 0, 0xfb), ipv4: ipv4('224.0.0.251') };
const LLMNR_GROUP: Host = { ...BROADCAST, mac: Uint8Array.of(1, 0, 0x5e, 0, 0, 0xfc), ipv4: ipv4('224.0.0.252') };

/** A question and, where `answer` is given, the answer (RFC 4795): both in the form of DNS. */
function llmnr(id: number, name: string, answer?: Uint8Array): Uint8Array {
  const counts = [1, answer ? 1 : 0, 0, 0].map(uint16);
  const question = concat([dnsName(name), uint16(DnsType.a), uint16(1)]);
  const record = answer ? [dnsName(name), uint16(DnsType.a), uint16(1), uint32(30), uint16(4), answer] : [];
  return concat([uint16(id), uint16(answer ? 0x8000 : 0), ...counts, question, ...record]);
}

/** The same of the domain `local` (RFC 6762): an answer has no question, and says that it is the only one. */
function mdns(_id: number, name: string, answer?: Uint8Array): Uint8Array {
  const local = dnsName(`${name}.local`);
  if (!answer) return concat([...[0, 0, 1, 0, 0, 0].map(uint16), local, uint16(DnsType.a), uint16(1)]);
  const record = [local, uint16(DnsType.a), uint16(0x8001), uint32(120), uint16(4), answer];
  return concat([...[0, 0x8400, 0, 1, 0, 0].map(uint16), ...record]);
}

/** Each character as two letters (RFC 1001, 14.1), padded with blanks, of the file server service. */
function netbiosName(name: string): Uint8Array {
  const text = `${name.toUpperCase().padEnd(15).slice(0, 15)} `;
  const letters = [...text].flatMap((c) => [0x41 + (c.charCodeAt(0) >> 4), 0x41 + (c.charCodeAt(0) & 15)]);
  return Uint8Array.of(32, ...letters, 0);
}

/** A NetBIOS name query or its positive answer (RFC 1002, 4.2.12 and 4.2.13). */
function netbios(id: number, name: string, answer?: Uint8Array): Uint8Array {
  const service = [netbiosName(name), uint16(0x20), uint16(1)];
  if (!answer) return concat([uint16(id), uint16(0x0110), ...[1, 0, 0, 0].map(uint16), ...service]);
  const record = [...service, uint32(300), uint16(6), uint16(0), answer];
  return concat([uint16(id), uint16(0x8500), ...[0, 1, 0, 0].map(uint16), ...record]);
}

const NAME_SERVICES = {
  llmnr: { port: 5355, group: LLMNR_GROUP, message: llmnr, asksFrom: 51_234 },
  mdns: { port: 5353, group: MDNS_GROUP, message: mdns, asksFrom: 5353 },
  nbns: { port: 137, group: { ...BROADCAST, ipv4: ipv4('10.20.3.255') }, message: netbios, asksFrom: 137 },
} as const;

function* answerFor(
  stage: AttackStage,
  times: Iterable<number>,
  scene: { attacker: Host; technique: keyof typeof NAME_SERVICES },
): Play {
  const { port, group, message, asksFrom } = NAME_SERVICES[scene.technique];
  const { attacker } = scene;
  let index = 0;
  for (const timeUs of times) {
    const name = NAMES[index % NAMES.length]!;
    const asker = endpoint(desk(stage, index % 3), asksFrom);
    yield { timeUs, bytes: udpFrame(asker, endpoint(group, port), message(index, name)) };
    const bytes = udpFrame(endpoint(attacker, port), asker, message(index, name, attacker.ipv4));
    yield { timeUs: timeUs + attacker.turnaroundUs, bytes };
    index += 1;
  }
}

/** A desk that says to be whoever is looked for. */
export const namePoisoning = {
  name: 'name-poisoning',
  summary:
    'a desk that answers look-ups of the local network (LLMNR, NetBIOS, multicast DNS) for every name with its own address',
  unit: 'names',
  techniques: ['llmnr', 'nbns', 'mdns'],
  defaults: { packets: 10, packetsPerSecond: 0.5, jitter: 0.8 },
  start(stage, settings) {
    const attacker = desk(stage, 5);
    const technique = settings.technique as keyof typeof NAME_SERVICES;
    stage.scene.spawn(answerFor(stage, paced(stage, settings), { attacker, technique }), stage.startUs);
    return {
      label: `rogue_server_${technique}`,
      category: 'policy',
      attacker: addressOf(attacker),
      victim: '10.20.0.0/22',
      note: `${settings.packets} names at ${settings.packetsPerSecond}/s`,
    };
  },
} as const satisfies AttackKind;

/** A desk looks for a DHCP server as ever other machine that does not exist. */
function* starve(stage: AttackStage, times: Iterable<number>): Play {
  const { gateway } = stage.scene.network;
  let index = 0;
  for (const timeUs of times) {
    const mac = concat([Uint8Array.of(2, 0x57), uint32(stage.random.uint32())]);
    const client: Host = { ...desk(stage, 3), mac, ipId: index };
    const message = { client, transaction: stage.random.uint32(), server: gateway.ipv4, type: DhcpType.discover };
    const from = { ...endpoint(client, 68), ip: new Uint8Array(4) };
    yield { timeUs, bytes: udpFrame(from, endpoint(BROADCAST, 67), dhcpMessage(message)) };
    index += 1;
  }
}

/** All addresses of the network asked for, until none is left. */
export const addressStarvation = {
  name: 'address-starvation',
  summary: 'a desk that looks for a DHCP server as ever other machine, until the server has no address left',
  unit: 'questions',
  defaults: { packets: 500, packetsPerSecond: 50, jitter: 0.3 },
  snapLengthBytes: 400,
  start(stage, settings) {
    stage.scene.spawn(starve(stage, paced(stage, settings)), stage.startUs);
    return {
      label: 'rogue_server_starvation',
      category: 'policy',
      attacker: '0.0.0.0',
      victim: '255.255.255.255',
      note: `${settings.packets} questions at ${settings.packetsPerSecond}/s, each of another machine`,
    };
  },
} as const satisfies AttackKind;
