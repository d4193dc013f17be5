/** The idle noise of a segment: ARP, neighbour discovery, mDNS, SSDP and DHCP renewals. */
import type { Random } from '../random.js';
import type { Play, Scene } from '../simulation.js';
import { ascii, concat, uint16, uint32 } from '../wire/bytes.js';
import { DnsType, dnsName } from '../wire/dns.js';
import { arpReplyFrame, arpRequestFrame, icmpFrame, udpFrame } from '../wire/frame.js';
import { type Endpoint, endpoint, type Host, ipv4 } from '../wire/host.js';

/** A group on the segment: its addresses are fixed, and nobody sends from it. */
function groupHost(name: string, mac: readonly number[], address: string): Host {
  return {
    name,
    mac: Uint8Array.from(mac),
    ipv4: ipv4(address),
    hopLimit: 1,
    timestamps: false,
    turnaroundUs: 0,
    ipId: 0,
    lastPort: 0,
  };
}

const MDNS = groupHost('mdns', [1, 0, 0x5e, 0, 0, 0xfb], '224.0.0.251');
const SSDP = groupHost('ssdp', [1, 0, 0x5e, 0x7f, 0xff, 0xfa], '239.255.255.250');

/** Asks the gateway's or a server's hardware address, sometimes that of a machine that is switched off. */
export function* askNeighbours(scene: Scene, host: Host, random: Random): Play {
  const { gateway, servers, clients } = scene.network;
  let timeUs = scene.startUs;
  for (;;) {
    timeUs += Math.round(random.logNormal(40e6, 0.7) * scene.calm);
    if (random.chance(0.07)) {
      yield { timeUs, bytes: arpRequestFrame(host, ipv4(`10.20.1.${random.between(220, 230)}`)) };
      continue;
    }
    const wanted = random.pick([gateway, gateway, servers.resolver, servers.mail, random.pick(clients)]);
    if (wanted === host) continue;
    yield { timeUs, bytes: arpRequestFrame(host, wanted.ipv4) };
    timeUs += wanted.turnaroundUs;
    yield { timeUs, bytes: arpReplyFrame(wanted, host) };
  }
}

/** ICMPv6 neighbour advertisement of one host to another (RFC 4861), unasked for. */
export function* advertise(scene: Scene, host: Host, random: Random): Play {
  const { gateway } = scene.network;
  const from: Endpoint = { host, ip: host.ipv6!, port: 0, hopLimit: 255 };
  const to: Endpoint = { host: gateway, ip: gateway.ipv6!, port: 0 };
  const message = concat([Uint8Array.of(136, 0, 0, 0, 0x60, 0, 0, 0), host.ipv6!, Uint8Array.of(2, 1), host.mac]);
  for (let timeUs = scene.startUs; ; ) {
    timeUs += Math.round(random.exponential(90e6) * scene.calm);
    yield { timeUs, bytes: icmpFrame(from, to, message) };
  }
}

/** Looks for printers and screens: an mDNS question to the group (RFC 6762). */
export function* askMdns(scene: Scene, host: Host, random: Random): Play {
  const from: Endpoint = { ...endpoint(host, 5353), hopLimit: 255 };
  let timeUs = scene.startUs;
  for (;;) {
    timeUs += Math.round(random.logNormal(60e6, 0.9) * scene.calm);
    const service = random.pick([
      '_ipp._tcp.local',
      '_googlecast._tcp.local',
      '_smb._tcp.local',
      '_airplay._tcp.local',
    ]);
    const head = [0, 0, 1, 0, 0, 0].map(uint16);
    const payload = concat([...head, dnsName(service), uint16(DnsType.ptr), uint16(1)]);
    yield { timeUs, bytes: udpFrame(from, endpoint(MDNS, 5353), payload) };
  }
}

/** Looks for media devices: four SSDP searches in a row, now and then. */
export function* searchSsdp(scene: Scene, host: Host, random: Random): Play {
  const from: Endpoint = { ...endpoint(host, 50000 + random.between(0, 9000)), hopLimit: 4 };
  const search =
    'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: urn:dial-multiscreen-org:service:dial:1\r\n\r\n';
  let timeUs = scene.startUs + random.between(0, 120_000_000);
  for (;;) {
    for (let i = 0; i < 4; i += 1) {
      yield { timeUs: timeUs + i * 1_000_000, bytes: udpFrame(from, endpoint(SSDP, 1900), ascii(search)) };
    }
    timeUs += 120_000_000 * scene.calm;
  }
}

/** A DHCP message between a client and the server that leased its address (RFC 2131). */
function dhcpMessage(client: Host, transaction: number, type: 3 | 5): Uint8Array {
  const out = new Uint8Array(300);
  out.set([type === 3 ? 1 : 2, 1, 6, 0]);
  out.set(uint32(transaction), 4);
  out.set(client.ipv4, 12);
  if (type === 5) out.set(client.ipv4, 16);
  out.set(client.mac, 28);
  out.set([99, 130, 83, 99, 53, 1, type], 236);
  if (type === 5) out.set([51, 4, 0, 0, 14, 16, 54, 4, 10, 20, 0, 1, 255], 243);
  else out.set([12, 4, 100, 101, 115, 107, 255], 243);
  return out;
}

/** Renews its lease once in the hour: request and acknowledgment. */
export function* renewLease(scene: Scene, host: Host, random: Random): Play {
  const { gateway } = scene.network;
  const timeUs = scene.startUs + random.between(0, 1_800_000_000);
  yield timeUs;
  const transaction = random.uint32();
  const client = endpoint(host, 68);
  const server = endpoint(gateway, 67);
  yield { timeUs, bytes: udpFrame(client, server, dhcpMessage(host, transaction, 3)) };
  const answerUs = timeUs + gateway.turnaroundUs + 1500;
  yield { timeUs: answerUs, bytes: udpFrame(server, client, dhcpMessage(host, transaction, 5)) };
}
