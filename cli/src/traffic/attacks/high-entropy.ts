/** Random bytes over a port that promises readable text: encrypted or packed data hiding as a web or Telnet session. */
import { remoteHost } from '../network.js';
import type { Play } from '../simulation.js';
import { endpoint, type Host, ipv4, ipv4Text, nextPort } from '../wire/host.js';
import { TcpConversation } from '../wire/tcp-conversation.js';
import type { AttackLabel, AttackPace, AttackStage } from './attack.js';

export interface HighEntropy extends AttackPace {
  readonly targetPort: number;
}

/** Chunks a connection carries before the next one is opened. */
const CHUNKS_PER_CONNECTION = 50;

function* channel(stage: AttackStage, options: HighEntropy, ends: { client: Host; server: Host }): Play {
  const { random } = stage;
  const gapUs = 1_000_000 / options.packetsPerSecond;
  let timeUs = stage.startUs;
  for (let left = options.packets; left > 0; left -= CHUNKS_PER_CONNECTION) {
    const client = endpoint(ends.client, nextPort(ends.client));
    const connection = new TcpConversation(
      { client, server: endpoint(ends.server, options.targetPort) },
      timeUs,
      random,
    );
    yield* connection.open();
    for (let chunk = Math.min(left, CHUNKS_PER_CONNECTION); chunk > 0; chunk -= 1) {
      const side = random.chance(0.7) ? 'client' : 'server';
      yield* connection.send(side, random.bytes(random.between(300, 1400)));
      yield* connection.pause(Math.max(1, Math.round(random.exponential(gapUs * 0.8))));
    }
    yield* connection.close('client');
    timeUs = connection.timeUs + random.between(200_000, 800_000);
  }
}

/** Starts the channel from one desk to a machine outside. */
export function startHighEntropy(stage: AttackStage, options: HighEntropy): AttackLabel {
  const { clients, gateway } = stage.scene.network;
  const client = clients[3 % clients.length]!;
  const ip = ipv4('203.0.113.200');
  const server = remoteHost(gateway, 'drop.example', { ip, random: stage.random.fork('server') });
  stage.scene.spawn(channel(stage, options, { client, server }), stage.startUs);
  return {
    label: `high_entropy_port_${options.targetPort}`,
    category: 'anomaly',
    attacker: ipv4Text(client.ipv4),
    victim: `203.0.113.200:${options.targetPort}`,
    note: `${options.packets} payloads of random bytes; no scoring kind is typed for this category`,
  };
}
