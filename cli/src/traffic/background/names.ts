/** Name look-ups: desk to resolver, and resolver to the provider's name server for what it does not remember. */
import { type Network, reverseName, type Site, ZONE } from '../network.js';
import type { Random } from '../random.js';
import type { Play, Scene } from '../simulation.js';
import { ascii } from '../wire/bytes.js';
import { type DnsQuestion, type DnsRecord, DnsType, dnsAnswer, dnsName, dnsQuery } from '../wire/dns.js';
import { udpFrame } from '../wire/frame.js';
import { endpoint, type Host, nextPort } from '../wire/host.js';

/** How long the resolver remembers, unit: microseconds. */
const CACHE_US = 120_000_000;

/** One question and its answer. */
export interface Lookup {
  readonly client: Host;
  readonly question: DnsQuestion;
  readonly records: readonly DnsRecord[];
  /** False answers NXDOMAIN. */
  readonly exists: boolean;
  /** Whether the resolver may know the answer already. */
  readonly cacheable: boolean;
}

/** The two frames of a look-up between two machines. */
function datagrams(from: Host, to: Host, lookup: Lookup): { query: Uint8Array; answer: Uint8Array } {
  const client = endpoint(from, nextPort(from));
  const server = endpoint(to, 53);
  return {
    query: udpFrame(client, server, dnsQuery(lookup.question, true)),
    answer: udpFrame(server, client, dnsAnswer(lookup.question, lookup.records, lookup.exists)),
  };
}

/** Asks the company's resolver; returns when the answer has come (microseconds). */
export function* resolve(scene: Scene, lookup: Lookup, random: Random, startUs: number): Play<number> {
  const { resolver } = scene.network.servers;
  const frames = datagrams(lookup.client, resolver, lookup);
  yield { timeUs: startUs, bytes: frames.query };
  let timeUs = startUs + resolver.turnaroundUs + random.between(50, 300);
  if (!isRemembered(scene.network, lookup, timeUs)) timeUs = yield* askUpstream(scene.network, lookup, random, timeUs);
  yield { timeUs, bytes: frames.answer };
  return timeUs + random.between(200, 900);
}

function* askUpstream(network: Network, lookup: Lookup, random: Random, startUs: number): Play<number> {
  const forwarded = { ...lookup, question: { ...lookup.question, id: random.between(0, 65535) } };
  const frames = datagrams(network.servers.resolver, network.upstreamDns, forwarded);
  yield { timeUs: startUs, bytes: frames.query };
  const timeUs = startUs + Math.round(network.upstreamDns.turnaroundUs * (1 + random.exponential(0.3)));
  yield { timeUs, bytes: frames.answer };
  return timeUs + random.between(100, 400);
}

function isRemembered(network: Network, lookup: Lookup, nowUs: number): boolean {
  const { name, type } = lookup.question;
  if (name.endsWith(ZONE) || name.endsWith('20.10.in-addr.arpa')) return true;
  if (!lookup.cacheable) return false;
  const key = `${name} ${type}`;
  if ((network.dnsCache.get(key) ?? 0) > nowUs) return true;
  network.dnsCache.set(key, nowUs + CACHE_US);
  return false;
}

function lookupOf(client: Host, name: string, answer: { type: number; records: DnsRecord[] }, random: Random): Lookup {
  const question = { id: random.between(0, 65535), name, type: answer.type };
  return { client, question, records: answer.records, exists: true, cacheable: true };
}

function addressRecords(site: Site, type: number): DnsRecord[] {
  const data = type === DnsType.a ? site.host.ipv4 : site.host.ipv6!;
  if (site.alias === undefined) return [{ type, data, ttlS: 300 }];
  const alias: DnsRecord = { type: DnsType.cname, data: dnsName(site.alias), ttlS: 60 };
  return [alias, { type, data, ttlS: 60, owner: site.alias }];
}

/** Looks up a name of a site: A, mostly AAAA and sometimes HTTPS beside it. Returns when the A answer has come. */
export function* lookUpSite(
  scene: Scene,
  visit: { client: Host; site: Site; name: string },
  random: Random,
  startUs: number,
): Play<number> {
  const { client, site, name } = visit;
  const ask = (type: number, records: DnsRecord[]) => lookupOf(client, name, { type, records }, random);
  if (random.chance(0.6)) {
    const aaaa = ask(DnsType.aaaa, addressRecords(site, DnsType.aaaa));
    scene.spawn(resolve(scene, aaaa, random.fork('aaaa'), startUs + 90), startUs + 90);
  }
  if (random.chance(0.3)) {
    scene.spawn(resolve(scene, ask(DnsType.https, []), random.fork('https'), startUs + 140), startUs + 140);
  }
  return yield* resolve(scene, ask(DnsType.a, addressRecords(site, DnsType.a)), random, startUs);
}

/** A host that answers for one of the company's own names. */
export function* lookUpServer(scene: Scene, ends: { client: Host; server: Host }, random: Random, startUs: number) {
  const records = [{ type: DnsType.a, data: ends.server.ipv4, ttlS: 3600 }];
  const lookup = lookupOf(ends.client, ends.server.name, { type: DnsType.a, records }, random);
  return yield* resolve(scene, lookup, random, startUs);
}

/** Names that do not exist: mistyped ones, forgotten devices, proxy discovery. */
function missingName(random: Random): string {
  const typo = `ww.${random.pick(['news', 'shop', 'maps'])}.example.com`;
  return random.pick([
    `wpad.${ZONE}`,
    `printer-old.${ZONE}`,
    `isatap.${ZONE}`,
    typo,
    `dev${random.between(1, 9)}.test`,
  ]);
}

/** The small questions every desk asks now and then: names that do not exist, and names of addresses. */
export function* oddLookups(scene: Scene, client: Host, random: Random): Play {
  const { network } = scene;
  let timeUs = scene.startUs + random.exponential(30e6);
  for (;;) {
    yield timeUs;
    const missing = random.chance(0.6);
    const target = random.pick([network.gateway, network.servers.files, random.pick(network.sites).host]);
    const name = missing ? missingName(random) : reverseName(target.ipv4);
    const records = missing ? [] : [{ type: DnsType.ptr, data: dnsName(target.name), ttlS: 3600 }];
    const type = missing ? DnsType.a : DnsType.ptr;
    const lookup = { ...lookupOf(client, name, { type, records }, random), exists: !missing };
    timeUs = yield* resolve(scene, lookup, random, Math.floor(timeUs));
    timeUs += random.logNormal(40e6, 1) * scene.calm;
  }
}

/** A mail gateway asks for policies: long TXT answers under a plain name, the honest neighbour of a tunnel. */
export function* policyLookup(scene: Scene, client: Host, random: Random, startUs: number): Play<number> {
  const text = 'v=spf1 include:spf.partner.example ip4:203.0.113.0/26 -all';
  const data = Uint8Array.from([text.length, ...ascii(text)]);
  const records = [{ type: DnsType.txt, data, ttlS: 3600 }];
  const name = random.pick(['partner.example', '_dmarc.partner.example', 's1._domainkey.partner.example']);
  return yield* resolve(scene, lookupOf(client, name, { type: DnsType.txt, records }, random), random, startUs);
}
