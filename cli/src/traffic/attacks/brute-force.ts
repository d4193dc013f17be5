/** Password guessing from outside: many short connections of about the same shape, each refused. */

import { sshHandshake } from '../background/machines.js';
import { dialogue } from '../background/mail.js';
import { tlsHandshake } from '../background/web.js';
import { remoteHost } from '../network.js';
import type { GuessedService } from '../options.js';
import type { Random } from '../random.js';
import type { Play } from '../simulation.js';
import { ascii, concat } from '../wire/bytes.js';
import { endpoint, type Host, ipv4, ipv4Text, nextPort } from '../wire/host.js';
import { ciphertext, tlsData } from '../wire/payloads.js';
import { TcpConversation } from '../wire/tcp-conversation.js';
import type { AttackLabel, AttackPace, AttackStage } from './attack.js';
import { TEXT_GUESSES } from './text-guesses.js';

export interface BruteForce extends AttackPace {
  readonly service: GuessedService;
  readonly targetPort: number;
}

/** Usual port of each service. */
export const SERVICE_PORTS: Readonly<Record<GuessedService, number>> = {
  ssh: 22,
  ftp: 21,
  telnet: 23,
  rdp: 3389,
  'http-login': 80,
  'http-basic': 80,
  imap: 143,
  pop3: 110,
  mysql: 3306,
  postgresql: 5432,
  smb: 445,
  ldap: 389,
};

const ATTACKER = '203.0.113.77';
const USERS = ['root', 'admin', 'test', 'oracle', 'backup', 'guest'];
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** A password to try. */
function guess(random: Random): string {
  return random.word(random.between(6, 10), LETTERS);
}

function* guessSsh(connection: TcpConversation, random: Random): Play {
  yield* sshHandshake(connection, 'SSH-2.0-libssh_0.10.6', random);
  yield* connection.send('client', ciphertext(random, 44));
  yield* connection.send('server', ciphertext(random, 44));
  for (let attempt = random.between(2, 3); attempt > 0; attempt -= 1) {
    yield* connection.send('client', ciphertext(random, random.pick([84, 84, 100])));
    yield* connection.pause(random.between(120_000, 300_000));
    yield* connection.send('server', ciphertext(random, 52));
  }
  yield* connection.close('client');
}

function* guessFtp(connection: TcpConversation, random: Random): Play {
  yield* connection.send('server', ascii('220 FTP server ready.\r\n'));
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const lines = [`USER ${random.pick(USERS)}`, '331 Password required.', `PASS ${guess(random)}`];
    yield* dialogue(connection, 'client', lines);
    yield* connection.pause(random.between(100_000, 250_000));
    yield* connection.send('server', ascii('530 Login incorrect.\r\n'));
  }
  yield* connection.close('server');
}

function* guessTelnet(connection: TcpConversation, random: Random): Play {
  yield* connection.send('server', Uint8Array.of(255, 253, 24, 255, 253, 32, 255, 251, 1));
  yield* connection.send('client', Uint8Array.of(255, 252, 24, 255, 252, 32, 255, 253, 1));
  for (let attempt = 0; attempt < 2; attempt += 1) {
    yield* connection.send('server', ascii('login: '));
    yield* dialogue(connection, 'client', [`${random.pick(USERS)}`]);
    yield* connection.send('server', ascii('Password: '));
    yield* dialogue(connection, 'client', [guess(random)]);
    yield* connection.pause(random.between(100_000, 250_000));
    yield* connection.send('server', ascii('\r\nLogin incorrect\r\n'));
  }
  yield* connection.close('server');
}

/** Connection request with a user's cookie, then TLS in which the guess is refused (MS-RDPBCGR, 2.2.1). */
function* guessRdp(connection: TcpConversation, random: Random): Play {
  const cookie = ascii(`Cookie: mstshash=${random.pick(USERS)}\r\n`);
  const negotiation = Uint8Array.of(1, 0, 8, 0, 3, 0, 0, 0);
  const length = 11 + cookie.length + negotiation.length;
  const head = Uint8Array.of(3, 0, 0, length, length - 5, 0xe0, 0, 0, 0, 0, 0);
  yield* connection.send('client', concat([head, cookie, negotiation]));
  yield* connection.send('server', Uint8Array.of(3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0, 8, 0, 2, 0, 0, 0));
  yield* tlsHandshake(connection, 'build.corp.example', random);
  yield* connection.send('server', tlsData(random, 120));
  yield* connection.send('client', tlsData(random, random.between(520, 560)));
  yield* connection.send('server', tlsData(random, 34));
  yield* connection.reset('server');
}

/** One form a connection, answered with 401. */
function* guessHttp(connection: TcpConversation, random: Random): Play {
  const body = `user=${random.pick(USERS)}&password=${guess(random)}`;
  const type = 'Content-Type: application/x-www-form-urlencoded';
  const head = `POST /login HTTP/1.1\r\nHost: build.corp.example\r\nUser-Agent: python-requests/2.31\r\n${type}\r\n`;
  yield* connection.send('client', ascii(`${head}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`));
  yield* connection.pause(random.between(20_000, 90_000));
  const page = '<html><body>Wrong user name or password.</body></html>\n';
  const answer = `HTTP/1.1 401 Unauthorized\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\n`;
  yield* connection.send('server', ascii(`${answer}Connection: close\r\n\r\n${page}`));
  yield* connection.close('server');
}

const GUESSES = {
  ssh: guessSsh,
  ftp: guessFtp,
  telnet: guessTelnet,
  rdp: guessRdp,
  'http-login': guessHttp,
  ...TEXT_GUESSES,
};

function* attempt(stage: AttackStage, options: BruteForce, attacker: Host, startUs: number): Play {
  const random = stage.random.fork('attempt');
  const { shell } = stage.scene.network.servers;
  const ends = { client: endpoint(attacker, nextPort(attacker)), server: endpoint(shell, options.targetPort) };
  const connection = new TcpConversation(ends, startUs, random);
  yield* connection.open();
  yield* GUESSES[options.service](connection, random);
}

function* guessing(stage: AttackStage, options: BruteForce, attacker: Host): Play {
  let timeUs = stage.startUs;
  for (let left = options.packets; left > 0; left -= 1) {
    yield timeUs;
    stage.scene.spawn(attempt(stage, options, attacker, timeUs), timeUs);
    timeUs += Math.floor((1_000_000 / options.packetsPerSecond) * (0.7 + 0.6 * stage.random.unit()));
  }
}

/** Starts password guessing against the build server. */
export function startBruteForce(stage: AttackStage, options: BruteForce): AttackLabel {
  const { gateway, servers } = stage.scene.network;
  const attacker = remoteHost(gateway, 'guesser', { ip: ipv4(ATTACKER), random: stage.random.fork('attacker') });
  stage.scene.spawn(guessing(stage, options, attacker), stage.startUs);
  return {
    label: `password_guessing_${options.service.replace('-', '_')}`,
    category: 'bruteforce',
    attacker: ATTACKER,
    victim: `${ipv4Text(servers.shell.ipv4)}:${options.targetPort}`,
    note: `${options.packets} connections at ${options.packetsPerSecond}/s`,
  };
}
