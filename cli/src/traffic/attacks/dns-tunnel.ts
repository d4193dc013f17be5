/** A tunnel in DNS: data leaves in names under one domain and comes back in TXT, NULL, CNAME and A answers. */
import { type Lookup, resolve } from '../background/names.js';
import type { Random } from '../random.js';
import type { Play } from '../simulation.js';
import { type DnsRecord, DnsType, dnsName, txtData } from '../wire/dns.js';
import { ipv4Text } from '../wire/host.js';
import type { AttackLabel, AttackPace, AttackStage } from './attack.js';

/** The tunnel's zone. */
export const TUNNEL_ZONE = 't.sync.example';

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
const QUERY_TYPES = [DnsType.txt, DnsType.txt, DnsType.txt, DnsType.null, DnsType.cname, DnsType.a];

function tunnelLookup(client: Lookup['client'], random: Random): Lookup {
  const type = random.pick(QUERY_TYPES);
  const isPoll = random.chance(0.2);
  const name = tunnelName(random, isPoll ? random.between(8, 14) : random.between(60, 120));
  const question = { id: random.between(0, 65535), name, type };
  return { client, question, records: [tunnelAnswer(random, type)], exists: true, cacheable: false };
}

function* tunnel(stage: AttackStage, pace: AttackPace, client: Lookup['client']): Play {
  const { random, scene } = stage;
  let timeUs = stage.startUs;
  for (let left = pace.packets; left > 0; left -= 1) {
    yield timeUs;
    const lookup = tunnelLookup(client, random);
    scene.spawn(resolve(scene, lookup, random.fork('path'), timeUs), timeUs);
    timeUs += Math.max(1, Math.floor(random.exponential(1_000_000 / pace.packetsPerSecond)));
  }
}

/** Starts a tunnel from one desk through the company's resolver. */
export function startDnsTunnel(stage: AttackStage, pace: AttackPace): AttackLabel {
  const { clients, servers } = stage.scene.network;
  const client = clients[2 % clients.length]!;
  stage.scene.spawn(tunnel(stage, pace, client), stage.startUs);
  return {
    label: 'dns_tunnel',
    category: 'dns_tunnel',
    attacker: ipv4Text(client.ipv4),
    victim: `${ipv4Text(servers.resolver.ipv4)} (resolver)`,
    note: `${pace.packets} queries under ${TUNNEL_ZONE}; forwarded queries count as packets too`,
  };
}
