/** Mail: desks reading over IMAP, partners delivering over SMTP, and a machine that sends reports without TLS. */
import type { Random } from '../random.js';
import type { Play, Scene } from '../simulation.js';
import { ascii } from '../wire/bytes.js';
import { endpoint, type Host, nextPort } from '../wire/host.js';
import { tlsData } from '../wire/payloads.js';
import { other, type Side, TcpConversation } from '../wire/tcp-conversation.js';
import { lookUpServer, policyLookup } from './names.js';
import { tlsHandshake } from './web.js';

/** Says lines in turn, starting with `first`. */
export function* dialogue(connection: TcpConversation, first: Side, lines: readonly string[]): Play {
  let side = first;
  for (const line of lines) {
    yield* connection.send(side, ascii(`${line}\r\n`));
    side = other(side);
  }
}

function* encrypted(connection: TcpConversation, random: Random, bytes: { sent: number; received: number }): Play {
  yield* tlsHandshake(connection, 'mail.corp.example', random);
  for (let turn = 0; turn < 4; turn += 1) {
    yield* connection.send('client', tlsData(random, 60 + Math.ceil(bytes.sent / 4)));
    yield* connection.send('server', tlsData(random, 60 + Math.ceil(bytes.received / 4)));
  }
}

/** A desk looks for new mail: IMAP with STARTTLS. */
function* imapPoll(scene: Scene, client: Host, random: Random, startUs: number): Play {
  const { mail } = scene.network.servers;
  const readyUs = yield* lookUpServer(scene, { client, server: mail }, random, startUs);
  const ends = { client: endpoint(client, nextPort(client)), server: endpoint(mail, 143) };
  const connection = new TcpConversation(ends, readyUs, random);
  yield* connection.open();
  yield* dialogue(connection, 'server', [
    '* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] mail.corp.example ready',
    'a1 STARTTLS',
    'a1 OK begin TLS now',
  ]);
  yield* encrypted(connection, random, { sent: 400, received: Math.round(random.pareto(600, 1.2, 60_000)) });
  yield* connection.close('client');
}

/** A partner's server delivers one message with STARTTLS. */
function* smtpDelivery(scene: Scene, sender: Host, random: Random, startUs: number): Play {
  const { mail } = scene.network.servers;
  const ends = { client: endpoint(sender, nextPort(sender)), server: endpoint(mail, 25) };
  const connection = new TcpConversation(ends, startUs, random);
  yield* connection.open();
  yield* dialogue(connection, 'server', [
    '220 mail.corp.example ESMTP ready',
    `EHLO ${sender.name}`,
    '250-mail.corp.example\r\n250-SIZE 52428800\r\n250 STARTTLS',
    'STARTTLS',
    '220 2.0.0 ready to start TLS',
  ]);
  scene.spawn(policyLookup(scene, mail, random.fork('policy'), connection.timeUs), connection.timeUs);
  yield* encrypted(connection, random, { sent: Math.round(random.pareto(2000, 1.1, 120_000)), received: 200 });
  yield* connection.close('client');
}

/** A report in plain SMTP inside the company. */
function* smtpReport(scene: Scene, random: Random, startUs: number): Play {
  const { mail, monitor } = scene.network.servers;
  const ends = { client: endpoint(monitor, nextPort(monitor)), server: endpoint(mail, 25) };
  const connection = new TcpConversation(ends, startUs, random);
  yield* connection.open();
  yield* dialogue(connection, 'server', [
    '220 mail.corp.example ESMTP ready',
    'HELO monitor.corp.example',
    '250 mail.corp.example',
    'MAIL FROM:<monitor@corp.example>',
    '250 2.1.0 Ok',
    'RCPT TO:<operator@corp.example>',
    '250 2.1.5 Ok',
    'DATA',
    '354 End data with <CR><LF>.<CR><LF>',
    `Subject: daily report\r\n\r\n${'All services answered in time.\r\n'.repeat(random.between(5, 60))}.`,
    '250 2.0.0 Ok: queued',
    'QUIT',
    '221 2.0.0 Bye',
  ]);
  yield* connection.close('server');
}

/** A desk's mail program: a poll every two to five minutes. */
export function* readMail(scene: Scene, client: Host, random: Random): Play {
  const everyUs = random.between(90, 300) * 1e6 * scene.calm;
  for (let timeUs = scene.startUs + random.between(0, everyUs); ; timeUs += everyUs) {
    yield timeUs;
    const atUs = timeUs + random.between(0, 300_000);
    scene.spawn(imapPoll(scene, client, random.fork('poll'), atUs), atUs);
  }
}

/** What the mail server sees from outside, and the reports from inside. */
export function* deliverMail(scene: Scene, random: Random): Play {
  let timeUs = scene.startUs + random.exponential(15e6);
  for (;;) {
    timeUs = Math.floor(timeUs);
    yield timeUs;
    const part = random.fork('delivery');
    if (random.chance(0.2)) scene.spawn(smtpReport(scene, part, timeUs), timeUs);
    else scene.spawn(smtpDelivery(scene, random.pick(scene.network.mailPeers), part, timeUs), timeUs);
    timeUs += random.exponential(35e6) * scene.calm;
  }
}
