/** Data that leaves: in echo messages, and over connections of a host that does not send much otherwise. */
import { tlsHandshake } from '../background/web.js';
import type { Play } from '../simulation.js';
import { concat, uint16 } from '../wire/bytes.js';
import { icmpFrame } from '../wire/frame.js';
import { endpoint, type Host } from '../wire/host.js';
import { ciphertext, tlsData } from '../wire/payloads.js';
import { type AttackKind, type AttackSettings, type AttackStage, paced } from './attack.js';
import { addressOf, connection, desk, outsider, spawnAt } from './cast.js';

function echo(stage: AttackStage, type: 0 | 8, { index, bytes }: { index: number; bytes: number }): Uint8Array {
  return concat([Uint8Array.of(type, 0, 0, 0, 0x1f, 0x2e), uint16(index & 0xffff), ciphertext(stage.random, bytes)]);
}

function* exchange(
  stage: AttackStage,
  ends: { client: Host; server: Host; bytes: number; index: number; isPadded: boolean },
  timeUs: number,
): Play {
  const { index, bytes, isPadded } = ends;
  const [from, to] = [endpoint(ends.client, 0), endpoint(ends.server, 0)];
  const length = () => (isPadded ? bytes : stage.random.between(40, bytes));
  yield { timeUs, bytes: icmpFrame(from, to, echo(stage, 8, { index, bytes: length() })) };
  const answerUs = timeUs + ends.server.turnaroundUs;
  yield { timeUs: answerUs, bytes: icmpFrame(to, from, echo(stage, 0, { index, bytes: length() })) };
}

/** A tunnel in ping. */
export const icmpTunnel = {
  name: 'icmp-tunnel',
  summary: 'data in echo messages of a desk and in the replies to them, of many lengths, or all padded to one',
  unit: 'exchanges',
  techniques: ['lengths', 'padded'],
  defaults: { packets: 120, packetsPerSecond: 6, jitter: 0.6, bytes: 900 },
  start(stage, settings) {
    const client = desk(stage, 2);
    const server = outsider(stage, 'echo', '203.0.113.61');
    const isPadded = settings.technique === 'padded';
    const one = (timeUs: number, index: number) =>
      exchange(stage, { client, server, index, bytes: settings.bytes, isPadded }, timeUs);
    stage.scene.spawn(spawnAt(stage, paced(stage, settings), one), stage.startUs);
    return {
      label: 'icmp_tunnel',
      category: 'icmp_tunnel',
      attacker: addressOf(client),
      victim: addressOf(server),
      note: `${settings.packets} exchanges at ${settings.packetsPerSecond}/s`,
    };
  },
} as const satisfies AttackKind;

function* upload(stage: AttackStage, ends: { client: Host; server: Host; bytes: number }, timeUs: number): Play {
  const one = connection({ ...ends, port: 443 }, timeUs, stage);
  yield* one.open();
  yield* tlsHandshake(one, 'drop.storage.example', stage.random);
  yield* one.send('client', tlsData(stage.random, ends.bytes));
  yield* one.send('server', tlsData(stage.random, 90));
  yield* one.close('client');
}

/** What the desk does otherwise, so that its habits are known: a look at a site every few minutes. Unit: s. */
const HABIT_EVERY_S = { least: 40, most: 280 } as const;

function* habit(stage: AttackStage, client: Host): Play {
  const { scene, random } = stage;
  const { least, most } = HABIT_EVERY_S;
  for (let timeUs = scene.startUs + 5_000_000; timeUs < stage.startUs; ) {
    yield timeUs;
    const server = random.pick(scene.network.sites).host;
    stage.aside.spawn(upload(stage, { client, server, bytes: random.between(400, 900) }, timeUs), timeUs);
    timeUs += random.between(least, most) * 1_000_000;
  }
}

/** Much that leaves a host that does not send much. */
export const dataExfiltration = {
  name: 'data-exfiltration',
  summary: 'a desk that sends to one place outside far more than it ever did, in bulk or in many small pieces',
  unit: 'connections',
  techniques: ['pieces', 'bulk'],
  defaults: { packets: 230, packetsPerSecond: 1.2, jitter: 0.5, bytes: 26_000 },
  byTechnique: { bulk: { packets: 4, packetsPerSecond: 0.2, bytes: 15_000_000 } },
  leadS: 4500,
  tailS: 60,
  calm: 60,
  hosts: 3,
  snapLengthBytes: 100,
  start(stage, settings: AttackSettings) {
    const client = desk(stage, 1);
    const server = outsider(stage, 'drop.storage.example', '203.0.113.99');
    stage.aside.spawn(habit(stage, client), stage.scene.startUs);
    const one = (timeUs: number) => upload(stage, { client, server, bytes: settings.bytes }, timeUs);
    stage.scene.spawn(spawnAt(stage, paced(stage, settings), one), stage.startUs);
    return {
      label: `data_exfiltration_${settings.technique}`,
      category: 'exfil',
      attacker: addressOf(client),
      victim: '203.0.113.99:443',
      note: `${settings.packets} connections of ${settings.bytes} bytes at ${settings.packetsPerSecond}/s`,
    };
  },
} as const satisfies AttackKind;
