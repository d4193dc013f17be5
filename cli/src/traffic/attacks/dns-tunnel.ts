/** A tunnel in DNS: data leaves in names under one domain and comes back in TXT, NULL, CNAME and A answers. */
import { type Lookup, resolve } from '../background/names.js';
import type { TunnelTechnique } from '../options.js';
import type { Random } from '../random.js';
import type { Play } from '../simulation.js';
import { concat, uint16 } from '../wire/bytes.js';
import { type DnsRecord, DnsType, dnsAnswer, dnsName, dnsQuery, txtData } from '../wire/dns.js';
import { type Host, ipv4Text } from '../wire/host.js';
import type { AttackLabel, AttackPace, AttackStage } from './attack.js';
import { connection, outsider } from './cast.js';

/** The tunnel's zone. */
const TUNNEL_ZONE = 't.sync.example';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** A name that carries `characters` base32 characters in labels of at most 60. */
export function tunnelName(random: Random, characters: number): string {
  const labels: string[] = [];
  for (let left = characters; left > 0; left -= 60) labels.push(random.word(Math.min(60, left), BASE32));
  return `${labels.join('.')}.${TUNNEL_ZONE}`;
}

function tunnelAnswer(random: Random, type: number): DnsRecord {
  switch (type) {
    case DnsType.txt:
      return { type, ttlS: 0, data: txtData(random.word(random.between(20, 110), BASE64)) };
    case DnsType.null:
      return { type, ttlS: 0, data: random.bytes(random.between(20, 110)) };
    case DnsType.cname:
      return { type, ttlS: 0, data: dnsName(tunnelName(random, random.between(20, 60))) };
    default:
      return { type, ttlS: 0, data: Uint8Array.of(10, ...random.bytes(3)) };
  }
}

/** Half TXT, the rest NULL, CNAME and A. */
const MIXED = [DnsType.txt, DnsType.txt, DnsType.txt, DnsType.null, DnsType.cname, DnsType.a];

const QUERY_TYPES: Readonly<Record<TunnelTechnique, readonly number[]>> = {
  mixed: MIXED,
  txt: [DnsType.txt],
  null: [DnsType.null],
  cname: [DnsType.cname],
  a: [DnsType.a],
  tcp: MIXED,
};

function tunnelLookup(client: Lookup['client'], random: Random, types: readonly number[]): Lookup {
  const type = random.pick(types);
  const isPoll = random.chance(0.2);
  const name = tunnelName(random, isPoll ? random.between(8, 14) : random.between(60, 120));
  const question = { id: random.between(0, 65535), name, type };
  return { client, question, records: [tunnelAnswer(random, type)], exists: true, cacheable: false };
}

/** How large and fast a tunnel is, and what it asks. */
export interface DnsTunnel extends AttackPace {
  readonly technique: TunnelTechnique;
}

function* tunnel(stage: AttackStage, pace: DnsTunnel, client: Lookup['client']): Play {
  const { random, scene } = stage;
  let timeUs = stage.startUs;
  for (let left = pace.packets; left > 0; left -= 1) {
    yield timeUs;
    const lookup = tunnelLookup(client, random, QUERY_TYPES[pace.technique]);
    scene.spawn(resolve(scene, lookup, random.fork('path'), timeUs), timeUs);
    timeUs += Math.max(1, Math.floor(random.exponential(1_000_000 / pace.packetsPerSecond)));
  }
}

/** A message over TCP has its length before it (RFC 1035, 4.2.2). */
function prefixed(message: Uint8Array): Uint8Array {
  return concat([uint16(message.length), message]);
}

/** Question and answer in turn over one connection to a server outside. */
function* tunnelOverTcp(stage: AttackStage, pace: DnsTunnel, ends: { client: Host; server: Host }): Play {
  const { random } = stage;
  const one = connection({ ...ends, port: 53 }, stage.startUs, stage);
  yield* one.open();
  for (let left = pace.packets; left > 0; left -= 1) {
    const { question, records } = tunnelLookup(ends.client, random, QUERY_TYPES.tcp);
    yield* one.send('client', prefixed(dnsQuery(question)));
    yield* one.send('server', prefixed(dnsAnswer(question, records)));
    yield* one.pause(Math.floor(random.exponential(1_000_000 / pace.packetsPerSecond)));
  }
  yield* one.close('client');
}

/** Starts a tunnel from one desk through the company's resolver, or over TCP past it. */
export function startDnsTunnel(stage: AttackStage, pace: DnsTunnel): AttackLabel {
  const { clients, servers } = stage.scene.network;
  const client = clients[2 % clients.length]!;
  const server = pace.technique === 'tcp' ? outsider(stage, 'ns.sync.example', '203.0.113.54') : servers.resolver;
  const isOverTcp = pace.technique === 'tcp';
  const play = isOverTcp ? tunnelOverTcp(stage, pace, { client, server }) : tunnel(stage, pace, client);
  stage.scene.spawn(play, stage.startUs);
  return {
    label: pace.technique === 'mixed' ? 'dns_tunnel' : `dns_tunnel_${pace.technique}`,
    category: 'dns_tunnel',
    attacker: ipv4Text(client.ipv4),
    victim: isOverTcp ? `${ipv4Text(server.ipv4)}:53` : `${ipv4Text(server.ipv4)} (resolver)`,
    note: `${pace.packets} queries under ${TUNNEL_ZONE}; forwarded queries count as packets too`,
  };
}
