/** A desk that delivers mail itself, to one server after the other (RFC 5321). */
import { dialogue } from '../background/mail.js';
import type { Play } from '../simulation.js';
import type { Host } from '../wire/host.js';
import { type AttackKind, type AttackStage, paced } from './attack.js';
import { addressOf, connection, desk, oneOfMany, spawnAt } from './cast.js';

function* deliver(stage: AttackStage, ends: { client: Host; server: Host; index: number }, timeUs: number): Play {
  const one = connection({ ...ends, port: 25 }, timeUs, stage);
  const domain = `shop${ends.index}.example`;
  yield* one.open();
  yield* dialogue(one, 'server', [
    ...[`220 mx.${domain} ESMTP`, 'HELO localhost', `250 mx.${domain}`, `MAIL FROM:<offers@${domain}>`, '250 2.1.0 Ok'],
    ...[`RCPT TO:<info@${domain}>`, '250 2.1.5 Ok', 'DATA', '354 End data with <CR><LF>.<CR><LF>'],
    ...[
      `Subject: You have won\r\n\r\n${'Click here for your prize. '.repeat(12)}\r\n.`,
      '250 2.0.0 Ok: queued',
      'QUIT',
    ],
  ]);
  yield* one.close('server');
}

/** Mail to many servers, past the one of the network. */
export const spam = {
  name: 'spam',
  summary: 'a desk that delivers mail to many servers outside itself',
  unit: 'messages',
  defaults: { packets: 40, packetsPerSecond: 2, jitter: 0.6 },
  start(stage, settings) {
    const client = desk(stage, 5);
    const one = (timeUs: number, index: number) =>
      deliver(stage, { client, server: oneOfMany(stage, index), index }, timeUs);
    stage.scene.spawn(spawnAt(stage, paced(stage, settings), one), stage.startUs);
    return {
      label: 'spam_direct',
      category: 'policy',
      attacker: addressOf(client),
      victim: '203.0.113.0/24 198.51.100.0/24',
      note: `${settings.packets} messages at ${settings.packetsPerSecond}/s`,
    };
  },
} as const satisfies AttackKind;
