/** Hosts that are not as they were: one that does far more than usual, and a service that nobody reaches any more. */
import type { Play } from '../simulation.js';
import { ascii } from '../wire/bytes.js';
import type { Host } from '../wire/host.js';
import { type AttackKind, type AttackStage, paced } from './attack.js';
import { addressOf, connection, desk, spawnAt } from './cast.js';

function* visit(stage: AttackStage, ends: { client: Host; server: Host; port: number }, timeUs: number): Play {
  const one = connection(ends, timeUs, stage);
  yield* one.open();
  yield* one.send('client', ascii('GET /status HTTP/1.1\r\nHost: status.example\r\n\r\n'));
  yield* one.send('server', ascii('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n'));
  yield* one.close('server');
}

/** Far more connections to far more hosts than ever on a work day. */
export const hostUnlikeItself = {
  name: 'host-unlike-itself',
  summary: 'after some work days of habit, a desk that connects to many more hosts in an hour than it ever did',
  unit: 'connections',
  defaults: { packets: 240, packetsPerSecond: 0.4, jitter: 0.8 },
  // From Wednesday 09:00 to Monday 09:30: eighteen mornings' hours are over.
  leadS: 433_800,
  calm: 3000,
  hosts: 4,
  start(stage, settings) {
    const client = desk(stage, 2);
    const { sites } = stage.scene.network;
    const one = (timeUs: number, index: number) =>
      visit(stage, { client, server: sites[index % sites.length]!.host, port: 80 }, timeUs);
    stage.scene.spawn(spawnAt(stage, paced(stage, settings), one), stage.startUs);
    return {
      label: 'anomaly_host_unlike_itself',
      category: 'anomaly',
      attacker: addressOf(client),
      victim: '192.0.2.0/24 198.51.100.0/24',
      note: `${settings.packets} connections at ${settings.packetsPerSecond}/s to ${sites.length} sites`,
    };
  },
} as const satisfies AttackKind;

const POLL_EVERY_S = 25;
const SERVICE_PORT = 8080;

function* polls(stage: AttackStage, ends: { client: Host; server: Host; port: number }): Play {
  const from = stage.scene.startUs + 10_000_000;
  for (let timeUs = from; timeUs < stage.startUs - 3_000_000; timeUs += POLL_EVERY_S * 1_000_000) {
    yield timeUs;
    stage.aside.spawn(visit(stage, ends, timeUs), timeUs);
  }
}

/** The last connection breaks off, and nobody answers after that. */
function* breakOff(stage: AttackStage, ends: { client: Host; server: Host; port: number }): Play {
  const one = connection(ends, stage.startUs, stage);
  yield* one.open();
  yield* one.send('client', ascii('GET /status HTTP/1.1\r\nHost: status.example\r\n\r\n'));
}

/** A service that was used all the time falls silent. */
export const trafficStopped = {
  name: 'traffic-stopped',
  summary: 'a service that was polled for more than an hour does not answer any more',
  unit: 'polls in vain',
  defaults: { packets: 30, packetsPerSecond: 0.04, jitter: 0 },
  leadS: 4200,
  calm: 60,
  hosts: 4,
  start(stage, settings) {
    const { web: client, files: server } = stage.scene.network.servers;
    const ends = { client, server, port: SERVICE_PORT };
    stage.aside.spawn(polls(stage, ends), stage.scene.startUs);
    stage.scene.spawn(breakOff(stage, ends), stage.startUs);
    const [, ...later] = paced(stage, settings);
    const knock = (timeUs: number) => connection(ends, timeUs, stage).knock();
    stage.scene.spawn(spawnAt(stage, later, knock), later[0] ?? stage.startUs);
    return {
      label: 'anomaly_traffic_stopped',
      category: 'anomaly',
      attacker: 'nobody',
      victim: `${addressOf(server)}:${SERVICE_PORT}`,
      note: `polled every ${POLL_EVERY_S} s until then`,
    };
  },
} as const satisfies AttackKind;
