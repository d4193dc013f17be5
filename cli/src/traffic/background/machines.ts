/** What machines do by themselves: backups, remote shells, monitoring, logs, clocks. */
import type { Random } from '../random.js';
import type { Play, Scene } from '../simulation.js';
import { ascii, concat } from '../wire/bytes.js';
import { icmpFrame, udpFrame } from '../wire/frame.js';
import { endpoint, type Host, nextPort } from '../wire/host.js';
import {
  ciphertext,
  ntpPacket,
  sshExchangeReply,
  sshExchangeStart,
  sshKeyExchangeInit,
  sshNewKeys,
} from '../wire/payloads.js';
import { TcpConversation } from '../wire/tcp-conversation.js';
import { httpRequest } from './web.js';

/** Payload of a 9,000-byte jumbo packet less headers. */
const JUMBO_SEGMENT_BYTES = 8900;

/** One machine copies its files to the store: a long flow of few, large packets, without loss. */
export function* backUp(scene: Scene, random: Random): Play {
  const { files, web } = scene.network.servers;
  const ends = { client: endpoint(web, nextPort(web)), server: endpoint(files, 873) };
  const startUs = scene.startUs + random.between(2_000_000, 6_000_000);
  const connection = new TcpConversation(ends, startUs, random, { segmentBytes: JUMBO_SEGMENT_BYTES, lossShare: 0 });
  yield* connection.open();
  yield* connection.send('server', ascii('@RSYNCD: 31.0\n'));
  yield* connection.send('client', ascii('@RSYNCD: 31.0\nnightly\n'));
  yield* connection.send('server', ascii('@RSYNCD: OK\n'));
  for (let left = random.between(35, 50); left > 0; left -= 1) {
    const bytes = Math.round(random.pareto(60_000, 1.1, 1_500_000));
    yield* connection.send('client', ciphertext(random, bytes));
    yield* connection.pause(Math.round(random.logNormal(5_500_000, 0.8)));
  }
  yield* connection.close('client');
}

/** SSH banners and key exchange on an open connection (RFC 4253); all later packets are encrypted. */
export function* sshHandshake(connection: TcpConversation, clientBanner: string, random: Random): Play {
  yield* connection.send('client', ascii(`${clientBanner}\r\n`));
  yield* connection.send('server', ascii('SSH-2.0-OpenSSH_9.6\r\n'));
  yield* connection.send('client', sshKeyExchangeInit(random));
  yield* connection.send('server', sshKeyExchangeInit(random));
  yield* connection.send('client', sshExchangeStart(random));
  yield* connection.send('server', sshExchangeReply(random));
  yield* connection.send('client', sshNewKeys());
}

/** Someone at work in a remote shell: one key a packet, its echo, sometimes a page of output. */
function* shellSession(scene: Scene, client: Host, random: Random, startUs: number): Play {
  const ends = { client: endpoint(client, nextPort(client)), server: endpoint(scene.network.servers.shell, 22) };
  const connection = new TcpConversation(ends, startUs, random);
  yield* connection.open();
  yield* sshHandshake(connection, 'SSH-2.0-OpenSSH_9.7', random);
  for (const bytes of [44, 60, 360]) {
    yield* connection.send('client', ciphertext(random, bytes));
    yield* connection.send('server', ciphertext(random, 44));
  }
  for (let left = random.between(30, 120); left > 0; left -= 1) {
    yield* connection.pause(Math.round(random.logNormal(180_000, 1.3)));
    yield* connection.send('client', ciphertext(random, 36));
    yield* connection.send('server', ciphertext(random, random.chance(0.1) ? random.between(200, 2400) : 36));
  }
  yield* connection.close('client');
}

/** Remote shells are opened now and then from a few desks. */
export function* openShells(scene: Scene, random: Random): Play {
  const users = scene.network.clients.slice(0, 3);
  let timeUs = scene.startUs + random.exponential(20e6);
  for (;;) {
    timeUs = Math.floor(timeUs);
    yield timeUs;
    scene.spawn(shellSession(scene, random.pick(users), random.fork('shell'), timeUs), timeUs);
    timeUs += random.exponential(90e6) * scene.calm;
  }
}

function echoMessage(type: 0 | 8, sequence: number): Uint8Array {
  return concat([
    Uint8Array.of(type, 0, 0, 0, 0x4d, 0x4f, sequence >>> 8, sequence),
    ascii('weir-monitor-poll-0123456789'),
  ]);
}

function* ping(scene: Scene, target: Host, sequence: number, startUs: number): Play {
  const from = endpoint(scene.network.servers.monitor, 0);
  const to = endpoint(target, 0);
  yield { timeUs: startUs, bytes: icmpFrame(from, to, echoMessage(8, sequence)) };
  yield { timeUs: startUs + target.turnaroundUs, bytes: icmpFrame(to, from, echoMessage(0, sequence)) };
}

function* healthCheck(scene: Scene, random: Random, startUs: number): Play {
  const { monitor, web } = scene.network.servers;
  const ends = { client: endpoint(monitor, nextPort(monitor)), server: endpoint(web, 80) };
  const connection = new TcpConversation(ends, startUs, random, { lossShare: 0 });
  yield* connection.open();
  yield* connection.send('client', httpRequest('intranet.corp.example', '/health'));
  yield* connection.send(
    'server',
    ascii('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nok\n'),
  );
  yield* connection.close('server');
}

/** The monitor asks every server each 20 seconds: echo, and a page of the web server. */
export function* monitorServers(scene: Scene, random: Random): Play {
  const targets = [...Object.values(scene.network.servers), scene.network.gateway];
  for (let round = 1; ; round += 1) {
    const timeUs = scene.startUs + round * 20_000_000 * scene.calm - 18_000_000 + random.between(0, 200_000);
    yield timeUs;
    for (const [i, target] of targets.entries()) {
      const atUs = timeUs + i * 15_000;
      if (target !== scene.network.servers.monitor) scene.spawn(ping(scene, target, round, atUs), atUs);
    }
    scene.spawn(healthCheck(scene, random.fork('health'), timeUs + 400_000), timeUs + 400_000);
  }
}

/** Every server tells the monitor what happened: syslog over UDP (RFC 3164 shape). */
export function* sendLogs(scene: Scene, server: Host, random: Random): Play {
  const to = endpoint(scene.network.servers.monitor, 514);
  const from = endpoint(server, 514);
  const name = server.name.split('.')[0]!;
  let timeUs = scene.startUs;
  for (;;) {
    timeUs += Math.round(random.exponential(9e6) * scene.calm);
    const event = random.pick([
      'session opened for user backup',
      'job finished',
      'cache refreshed',
      'connection closed',
    ]);
    const text = `<${random.between(5, 190)}>May 15 09:00:00 ${name} app[${random.between(200, 9000)}]: ${event}`;
    yield { timeUs, bytes: udpFrame(from, to, ascii(text)) };
  }
}

/** A machine sets its clock: one question and answer each 64 seconds (RFC 5905). */
export function* setClock(scene: Scene, host: Host, random: Random): Play {
  const { timeServer } = scene.network;
  const from = endpoint(host, 123);
  const to = endpoint(timeServer, 123);
  for (let timeUs = scene.startUs + random.between(0, 64_000_000); ; timeUs += 64_000_000 * scene.calm) {
    yield { timeUs, bytes: udpFrame(from, to, ntpPacket(3, timeUs)) };
    const answerUs = timeUs + timeServer.turnaroundUs;
    yield { timeUs: answerUs, bytes: udpFrame(to, from, ntpPacket(4, answerUs)) };
  }
}
