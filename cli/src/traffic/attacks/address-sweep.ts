/** Who is there: echo requests, ARP and neighbour solicitations to address after address, or questions for their names. */
import type { Play } from '../simulation.js';
import { ascii, concat, uint16 } from '../wire/bytes.js';
import { DnsType, dnsAnswer, dnsQuery } from '../wire/dns.js';
import { arpRequestFrame, icmpFrame, udpFrame } from '../wire/frame.js';
import { type Endpoint, endpoint, type Host, ipv4 } from '../wire/host.js';
import { type AttackKind, type AttackSettings, type AttackStage, paced } from './attack.js';
import { addressOf, desk } from './cast.js';

/** Echo request to an address behind the gateway; hardly anybody is there. */
function ping(stage: AttackStage, attacker: Host, index: number): Uint8Array {
  const { gateway } = stage.scene.network;
  const address = ipv4(`${index % 508 < 254 ? '198.51.100' : '203.0.113'}.${1 + (index % 254)}`);
  const message = concat([
    Uint8Array.of(8, 0, 0, 0, 9, 9),
    uint16(index & 0xffff),
    ascii('abcdefghijklmnopqrstuvwabcdefghi'),
  ]);
  return icmpFrame(endpoint(attacker, 0), endpoint({ ...gateway, ipv4: address }, 0), message);
}

/** Neighbour solicitation (RFC 4861, 4.3) for a host number of the segment, to its solicited-node group. */
function solicit(attacker: Host, index: number): Uint8Array {
  const target = Uint8Array.from(attacker.ipv6!);
  target.set(uint16(0x4000 + index), 14);
  const group = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, target[14]!, target[15]!);
  const mac = Uint8Array.of(0x33, 0x33, 0xff, 0, target[14]!, target[15]!);
  const from: Endpoint = { host: attacker, ip: attacker.ipv6!, port: 0, hopLimit: 255 };
  const to: Endpoint = { host: { ...attacker, mac }, ip: group, port: 0 };
  const message = concat([Uint8Array.of(135, 0, 0, 0, 0, 0, 0, 0), target, Uint8Array.of(1, 1), attacker.mac]);
  return icmpFrame(from, to, message);
}

function frameOf(stage: AttackStage, { technique }: AttackSettings, question: { attacker: Host; index: number }) {
  const { attacker, index } = question;
  if (technique === 'ping') return ping(stage, attacker, index);
  if (technique === 'neighbour') return solicit(attacker, index);
  return arpRequestFrame(attacker, ipv4(`10.20.${2 + (Math.floor(index / 254) % 2)}.${1 + (index % 254)}`));
}

/** Questions for the names of addresses, of which few have any. */
function* askNames(stage: AttackStage, settings: AttackSettings, attacker: Host): Play {
  const to = endpoint(stage.scene.network.servers.resolver, 53);
  let index = 0;
  for (const timeUs of paced(stage, settings)) {
    const from = endpoint(attacker, stage.random.between(49_152, 65_535));
    const name = `${1 + (index % 254)}.${2 + Math.floor(index / 254)}.20.10.in-addr.arpa`;
    const question = { id: stage.random.between(0, 65_535), name, type: DnsType.ptr };
    yield { timeUs, bytes: udpFrame(from, to, dnsQuery(question)) };
    yield { timeUs: timeUs + 400, bytes: udpFrame(to, from, dnsAnswer(question, [], false)) };
    index += 1;
  }
}

function* sweep(stage: AttackStage, settings: AttackSettings, attacker: Host): Play {
  let index = 0;
  for (const timeUs of paced(stage, settings)) {
    yield { timeUs, bytes: frameOf(stage, settings, { attacker, index }) };
    index += 1;
  }
}

const SWEPT: Readonly<Record<string, string>> = {
  ping: '198.51.100.0/24',
  arp: '10.20.2.0/24',
  neighbour: '2001:db8:20::/64',
  names: '10.20.2.0/24',
};

/** One desk asks who is there. TCP sweeps are `port-scan` with the technique `horizontal`. */
export const addressSweep = {
  name: 'address-sweep',
  summary: 'one desk asks address after address whether somebody is there',
  unit: 'addresses',
  techniques: ['ping', 'arp', 'neighbour', 'names'],
  defaults: { packets: 250, packetsPerSecond: 25, jitter: 0.3 },
  start(stage, settings) {
    const attacker = desk(stage, 5);
    const play = settings.technique === 'names' ? askNames : sweep;
    stage.scene.spawn(play(stage, settings, attacker), stage.startUs);
    return {
      label: `address_sweep_${settings.technique}`,
      category: 'scan',
      attacker: addressOf(attacker),
      victim: SWEPT[settings.technique]!,
      note: `${settings.packets} addresses at ${settings.packetsPerSecond}/s`,
    };
  },
} as const satisfies AttackKind;
