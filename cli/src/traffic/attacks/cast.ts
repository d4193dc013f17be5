/** Whom attacks come from and go to. */
import { remoteHost } from '../network.js';
import type { Play } from '../simulation.js';
import { endpoint, type Host, ipv4, ipv4Text, nextPort } from '../wire/host.js';
import { TcpConversation } from '../wire/tcp-conversation.js';
import type { AttackStage } from './attack.js';

/** A machine outside, with an address for documentation. */
export function outsider(stage: AttackStage, name: string, address: string): Host {
  return remoteHost(stage.scene.network.gateway, name, { ip: ipv4(address), random: stage.random.fork(name) });
}

/** The `index`-th of many machines outside, in 203.0.113.128 to .251 and then in 198.51.100.128 to .251. */
export function oneOfMany(stage: AttackStage, index: number): Host {
  const network = index % 248 < 124 ? '203.0.113' : '198.51.100';
  const { gateway } = stage.scene.network;
  return { ...gateway, ipv4: ipv4(`${network}.${128 + (index % 124)}`), hopLimit: 50, turnaroundUs: 21_000 };
}

/** The desk with this number, counted round. */
export function desk(stage: AttackStage, index: number): Host {
  const { clients } = stage.scene.network;
  return clients[index % clients.length]!;
}

/** A connection from the client's next port. */
export function connection(
  ends: { readonly client: Host; readonly server: Host; readonly port: number },
  timeUs: number,
  stage: AttackStage,
): TcpConversation {
  const client = endpoint(ends.client, nextPort(ends.client));
  return new TcpConversation({ client, server: endpoint(ends.server, ends.port) }, timeUs, stage.random.fork('tcp'));
}

/** Starts a play of the attack at each of the times. */
export function* spawnAt(
  stage: AttackStage,
  times: Iterable<number>,
  play: (timeUs: number, index: number) => Play,
): Play {
  let index = 0;
  for (const timeUs of times) {
    yield timeUs;
    stage.scene.spawn(play(timeUs, index), timeUs);
    index += 1;
  }
}

/** Text of a host's IPv4 address. */
export function addressOf(host: Host): string {
  return ipv4Text(host.ipv4);
}
