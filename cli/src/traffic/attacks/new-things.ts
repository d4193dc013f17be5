/** What a network has not seen before: devices, destinations, programs, resolvers. It must have been known for a day. */
import { tlsHandshake } from '../background/web.js';
import type { Play } from '../simulation.js';
import { dhcpMessage } from '../wire/dhcp.js';
import { arpRequestFrame, udpFrame } from '../wire/frame.js';
import { documentationIpv6, endpoint, endpoint6, type Host, ipv4, nextPort } from '../wire/host.js';
import { tlsClientFinished, tlsClientHello, tlsData, tlsServerFlight } from '../wire/payloads.js';
import { TcpConversation } from '../wire/tcp-conversation.js';
import { type AttackKind, type AttackSettings, type AttackStage, paced } from './attack.js';
import { addressOf, connection, desk, outsider, spawnAt } from './cast.js';
import { macText } from './local.js';

/** More than a day of an office in which hardly anything happens. */
const KNOWN_NETWORK = { leadS: 100_000, calm: 600, hosts: 4 } as const;

/** The device with which nobody reckoned. */
function newcomer(stage: AttackStage): Host {
  const mac = Uint8Array.of(0x00, 0x00, 0x5e, 0x00, 0x53, 0x2a);
  return { ...desk(stage, 0), name: 'tablet', mac, ipv4: ipv4('10.20.1.240') };
}

function* arrive(stage: AttackStage, times: Iterable<number>, device: Host): Play {
  const { gateway } = stage.scene.network;
  const message = { client: device, transaction: 0x5eed, type: 3, server: gateway.ipv4 } as const;
  for (const timeUs of times) {
    yield { timeUs, bytes: udpFrame(endpoint(device, 68), endpoint(gateway, 67), dhcpMessage(message)) };
    yield { timeUs: timeUs + 400_000, bytes: arpRequestFrame(device, gateway.ipv4) };
  }
}

/** A device that was never here. */
export const newDevice = {
  name: 'new-device',
  summary: 'a machine that was never on this network asks for an address',
  unit: 'questions',
  defaults: { packets: 2, packetsPerSecond: 0.5, jitter: 0.1 },
  ...KNOWN_NETWORK,
  snapLengthBytes: 400,
  start(stage, settings) {
    const device = newcomer(stage);
    stage.scene.spawn(arrive(stage, paced(stage, settings), device), stage.startUs);
    const note = 'its hardware address is one for documentation (RFC 7042)';
    return { label: 'new_device', category: 'policy', attacker: macText(device), victim: '10.20.0.0/22', note };
  },
} as const satisfies AttackKind;

function* download(stage: AttackStage, ends: { client: Host; server: Host; bytes: number }, timeUs: number): Play {
  const { random } = stage;
  const client = endpoint6(ends.client, nextPort(ends.client));
  const one = new TcpConversation({ client, server: endpoint6(ends.server, 443) }, timeUs, random.fork('download'));
  yield* one.open();
  yield* tlsHandshake(one, 'files.elsewhere.example', random);
  yield* one.send('client', tlsData(random, 300));
  yield* one.send('server', tlsData(random, ends.bytes));
  yield* one.close('client');
}

/** Much from a place where nobody went before. */
export const rareDestination = {
  name: 'rare-destination',
  summary: 'a desk that fetches files from a network outside to which nobody went before',
  unit: 'files',
  defaults: { packets: 2, packetsPerSecond: 0.2, jitter: 0.3, bytes: 700_000 },
  ...KNOWN_NETWORK,
  snapLengthBytes: 100,
  start(stage, settings) {
    const client = desk(stage, 2);
    const server = { ...outsider(stage, 'elsewhere', '203.0.113.201'), ipv6: documentationIpv6(0x5bad, 9) };
    const one = (timeUs: number) => download(stage, { client, server, bytes: settings.bytes }, timeUs);
    stage.scene.spawn(spawnAt(stage, paced(stage, settings), one), stage.startUs);
    return {
      label: 'rare_destination',
      category: 'policy',
      attacker: addressOf(client),
      victim: '2001:db8:5bad::9',
      note: `${settings.packets} files of ${settings.bytes} bytes`,
    };
  },
} as const satisfies AttackKind;

/** Suites of a program that was written for itself, none of which a browser offers first. */
const ODD_SUITES = [0xc02f, 0x009e, 0x0067, 0x002f];

function* oddHello(stage: AttackStage, ends: { client: Host; server: Host }, timeUs: number): Play {
  const { random } = stage;
  const one = connection({ ...ends, port: 443 }, timeUs, stage);
  yield* one.open();
  yield* one.send('client', tlsClientHello('api.odd.example', random, ODD_SUITES));
  yield* one.send('server', tlsServerFlight(random, 2400));
  yield* one.send('client', tlsClientFinished(random));
  yield* one.send('client', tlsData(random, 240));
  yield* one.send('server', tlsData(random, 900));
  yield* one.close('client');
}

/** A program that says hello as none here does. */
export const rareTlsClient = {
  name: 'rare-tls-client',
  summary: 'a program that speaks TLS as none on its desk has before',
  unit: 'connections',
  defaults: { packets: 3, packetsPerSecond: 0.2, jitter: 0.5 },
  ...KNOWN_NETWORK,
  // A fingerprint is made of a whole hello.
  snapLengthBytes: 400,
  start(stage, settings) {
    return startTls(stage, settings, { label: 'rare_tls_client', server: '203.0.113.44', play: oddHello });
  },
} as const satisfies AttackKind;

function* askResolver(stage: AttackStage, ends: { client: Host; server: Host }, timeUs: number): Play {
  const { random } = stage;
  const one = connection({ ...ends, port: 443 }, timeUs, stage);
  yield* one.open();
  yield* tlsHandshake(one, 'dns.resolver.example', random);
  for (let question = 0; question < 8; question += 1) {
    yield* one.send('client', tlsData(random, random.between(90, 140)));
    yield* one.send('server', tlsData(random, random.between(180, 420)));
    yield* one.pause(random.between(50_000, 400_000));
  }
  yield* one.close('client');
}

/** Look-ups past the resolver of the network. */
export const doh = {
  name: 'doh',
  summary: 'a desk that looks up names over HTTPS at a resolver that it has not used before',
  unit: 'connections',
  defaults: { packets: 3, packetsPerSecond: 0.2, jitter: 0.5 },
  ...KNOWN_NETWORK,
  start(stage, settings) {
    return startTls(stage, settings, { label: 'rare_destination_doh', server: '203.0.113.45', play: askResolver });
  },
} as const satisfies AttackKind;

function startTls(
  stage: AttackStage,
  settings: AttackSettings,
  { label, server: address, play }: { label: string; server: string; play: typeof oddHello },
) {
  const client = desk(stage, 1);
  const server = outsider(stage, label, address);
  const one = (timeUs: number) => play(stage, { client, server }, timeUs);
  stage.scene.spawn(spawnAt(stage, paced(stage, settings), one), stage.startUs);
  const note = `${settings.packets} connections`;
  return { label, category: 'policy' as const, attacker: addressOf(client), victim: `${address}:443`, note };
}
