/** A few guesses on each of many servers, so that none of them locks the account. */
import { dialogue } from '../background/mail.js';
import type { Random } from '../random.js';
import type { Play } from '../simulation.js';
import { ascii } from '../wire/bytes.js';
import type { Host } from '../wire/host.js';
import { ciphertext, sshExchangeReply, sshExchangeStart, sshKeyExchangeInit, sshNewKeys } from '../wire/payloads.js';
import type { TcpConversation } from '../wire/tcp-conversation.js';
import { type AttackKind, type AttackStage, paced } from './attack.js';
import { addressOf, connection, outsider, spawnAt } from './cast.js';

const USERS = ['root', 'admin', 'test', 'oracle', 'backup', 'guest'];

/** A session in which two passwords are refused (RFC 4252), as long as OpenSSH makes it. */
function* sshGuess(one: TcpConversation, random: Random): Play {
  yield* one.send('client', ascii('SSH-2.0-Go\r\n'));
  yield* one.send('server', ascii('SSH-2.0-OpenSSH_9.6\r\n'));
  for (const side of ['client', 'server'] as const) yield* one.send(side, sshKeyExchangeInit(random, true));
  yield* one.send('client', sshExchangeStart(random));
  yield* one.send('server', sshExchangeReply(random));
  yield* one.send('client', sshNewKeys());
  for (let password = 0; password < 2; password += 1) {
    yield* one.send('client', ciphertext(random, 148));
    yield* one.pause(random.between(120_000, 300_000));
    yield* one.send('server', ciphertext(random, 52));
  }
  yield* one.close('client');
}

function* sprayOverSsh(stage: AttackStage, ends: { client: Host; server: Host }, timeUs: number): Play {
  const one = connection({ ...ends, port: 22 }, timeUs, stage);
  yield* one.open();
  yield* sshGuess(one, stage.random.fork('guess'));
}

function* guess(
  stage: AttackStage,
  ends: { client: Host; server: Host; user: string; isRight: boolean },
  timeUs: number,
): Play {
  const { client, server, user, isRight } = ends;
  const one = connection({ client, server, port: 21 }, timeUs, stage);
  yield* one.open();
  const password = stage.random.word(8, 'abcdefghijklmnopqrstuvwxyz');
  yield* dialogue(one, 'server', [
    '220 FTP server ready.',
    `USER ${user}`,
    '331 Password required.',
    `PASS ${password}`,
  ]);
  yield* one.pause(stage.random.between(100_000, 250_000));
  yield* dialogue(one, 'server', [isRight ? '230 Login successful.' : '530 Login incorrect.', 'QUIT', '221 Goodbye.']);
  yield* one.close('server');
}

/** Password guessing over many servers. */
export const passwordSpraying = {
  name: 'password-spraying',
  summary: 'a few guesses on each of many servers, over FTP, where the last one is right, or over SSH',
  unit: 'guesses',
  techniques: ['ftp', 'ssh'],
  defaults: { packets: 30, packetsPerSecond: 1, jitter: 0.3 },
  start(stage, settings) {
    const client = outsider(stage, 'sprayer', '203.0.113.78');
    const servers = Object.values(stage.scene.network.servers);
    const one = (timeUs: number, index: number) => {
      const server = servers[index % servers.length]!;
      if (settings.technique === 'ssh') return sprayOverSsh(stage, { client, server }, timeUs);
      const user = USERS[Math.floor(index / servers.length) % USERS.length]!;
      const isRight = index === settings.packets - 1;
      return guess(stage, { client, server, user, isRight }, timeUs);
    };
    stage.scene.spawn(spawnAt(stage, paced(stage, settings), one), stage.startUs);
    return {
      label: `password_guessing_spraying_${settings.technique}`,
      category: 'bruteforce',
      attacker: addressOf(client),
      victim: servers.map(addressOf).join(' '),
      note: `${settings.packets} guesses over ${servers.length} servers at ${settings.packetsPerSecond}/s`,
    };
  },
} as const satisfies AttackKind;
