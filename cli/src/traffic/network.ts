/**
 * The cast: a small company on one segment, 10.20.0.0/22, and the part of the Internet it talks to. Addresses are private
 * (RFC 1918) or for documentation (RFC 5737, RFC 3849), names are reserved (RFC 2606), so nobody real is told of.
 */
import { Random } from './random.js';
import { documentationIpv6, type Host, ipv4, ipv4Text } from './wire/host.js';

/** The company's own DNS zone. */
export const ZONE = 'corp.example';

/** A web site: the names it is reached by, first the usual one, and the machines behind them. */
export interface Site {
  readonly names: readonly string[];
  readonly host: Host;
  /** The delivery network's name that `names` are aliases of, where there is one. */
  readonly alias?: string;
  /** Plain HTTP instead of TLS. */
  readonly plainHttp: boolean;
}

export interface Network {
  readonly gateway: Host;
  readonly clients: readonly Host[];
  readonly servers: {
    readonly resolver: Host;
    readonly mail: Host;
    readonly web: Host;
    readonly files: Host;
    readonly shell: Host;
    readonly monitor: Host;
  };
  /** Sites in order of popularity. */
  readonly sites: readonly Site[];
  readonly upstreamDns: Host;
  readonly timeServer: Host;
  readonly mailPeers: readonly Host[];
  /** Names the resolver has asked for, and until when it remembers (microseconds). */
  readonly dnsCache: Map<string, number>;
}

const MAC_PREFIX = [0x02, 0x00, 0x5e];
const CLIENT_SUBNET = 0x20;
const INTERNET_SUBNET = 0xfff0;
/** Clients take 10.20.1.10 and up, within one /24. */
export const MAX_CLIENTS = 200;

function localHost(name: string, address: string, random: Random, isWindows: boolean): Host {
  const ip = ipv4(address);
  return {
    name,
    mac: Uint8Array.from([...MAC_PREFIX, 0, ip[2]!, ip[3]!]),
    ipv4: ip,
    ipv6: documentationIpv6(CLIENT_SUBNET, ip[2]! * 256 + ip[3]!),
    hopLimit: isWindows ? 128 : 64,
    timestamps: !isWindows,
    turnaroundUs: random.between(120, 700),
    ipId: random.between(0, 65535),
    lastPort: random.between(49152, 65000),
  };
}

/** A machine beyond the gateway: its frames carry the gateway's hardware address. */
export function remoteHost(gateway: Host, name: string, options: { ip: Uint8Array; random: Random }): Host {
  const { ip, random } = options;
  return {
    name,
    mac: gateway.mac,
    ipv4: ip,
    ipv6: documentationIpv6(INTERNET_SUBNET, ip[0]! * 256 + ip[3]!),
    hopLimit: random.pick([64, 64, 64, 128, 255]) - random.between(6, 18),
    timestamps: random.chance(0.7),
    turnaroundUs: Math.round(Math.min(180_000, random.logNormal(14_000, 0.7))),
    ipId: random.between(0, 65535),
    lastPort: random.between(49152, 65000),
  };
}

const WORDS = 'news shop maps video weather forum wiki bank travel music photos recipes games sports jobs health'.split(
  ' ',
);
const TOPS = ['example.com', 'example.net', 'example.org', 'example'];
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** A name as content delivery networks give: long, numbered, meaningless to people, yet harmless. */
function deliveryName(random: Random): string {
  const node = `${random.word(random.between(8, 14), LETTERS)}--sn-${random.word(8, LETTERS)}`;
  const region = random.pick(['eu-west-3', 'eu-central-1', 'us-east-2', 'ap-south-1']);
  return `${node}.r${random.between(1, 9)}.${region}.edge.delivery.example.net`;
}

function siteNames(index: number, random: Random): string[] {
  const word = WORDS[index % WORDS.length]!;
  const domain = index < WORDS.length ? `${word}.${TOPS[index % 4]}` : `${word}${index}.${random.pick(TOPS)}`;
  const hash = random.word(12, '0123456789abcdef');
  return [`www.${domain}`, domain, `api.${domain}`, `static.${domain}`, `${hash}.img.${domain}`];
}

function createSites(gateway: Host, random: Random, count: number): Site[] {
  return Array.from({ length: count }, (_, i) => {
    const names = siteNames(i, random);
    const ip = ipv4(i % 2 === 0 ? `192.0.2.${20 + i}` : `198.51.100.${20 + i}`);
    const host = remoteHost(gateway, names[0]!, { ip, random });
    const alias = random.chance(0.5) ? deliveryName(random) : undefined;
    return { names, host, plainHttp: random.chance(0.2), ...(alias === undefined ? {} : { alias }) };
  });
}

function createServers(random: Random): Network['servers'] {
  const server = (name: string, address: string) => localHost(`${name}.${ZONE}`, address, random, false);
  return {
    resolver: server('dns', '10.20.0.53'),
    mail: server('mail', '10.20.0.25'),
    web: server('intranet', '10.20.0.80'),
    files: server('backup', '10.20.0.40'),
    shell: server('build', '10.20.0.22'),
    monitor: server('monitor', '10.20.0.90'),
  };
}

/** Builds the network with `clients` desks (1..200); the same seed gives the same network. */
export function createNetwork(seed: number, clients: number): Network {
  const random = new Random(seed, 'network');
  const gateway = localHost(`gw.${ZONE}`, '10.20.0.1', random, false);
  const remote = (name: string, address: string) => remoteHost(gateway, name, { ip: ipv4(address), random });
  return {
    gateway,
    clients: Array.from({ length: clients }, (_, i) =>
      localHost(`desk-${i + 1}.${ZONE}`, `10.20.1.${10 + i}`, random, random.chance(0.7)),
    ),
    servers: createServers(random),
    sites: createSites(gateway, random, 60),
    upstreamDns: remote('dns.provider.example', '203.0.113.53'),
    timeServer: remote('time.provider.example', '203.0.113.123'),
    mailPeers: [1, 2, 3, 4].map((n) => remote(`mx${n}.partner.example`, `203.0.113.${24 + n}`)),
    dnsCache: new Map(),
  };
}

/** The name under in-addr.arpa for an address (RFC 1035, 3.5). */
export function reverseName(address: Uint8Array): string {
  return `${ipv4Text(Uint8Array.from(address).reverse())}.in-addr.arpa`;
}
