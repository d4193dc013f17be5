/** Mining for a pool with somebody else's machine (Stratum: JSON, one message a line). */
import type { Play } from '../simulation.js';
import { ascii } from '../wire/bytes.js';
import type { Host } from '../wire/host.js';
import { type AttackKind, type AttackSettings, type AttackStage, paced } from './attack.js';
import { addressOf, connection, desk, outsider } from './cast.js';

function line(message: object): Uint8Array {
  return ascii(`${JSON.stringify(message)}\n`);
}

function* mine(stage: AttackStage, settings: AttackSettings, ends: { client: Host; server: Host }): Play {
  const { random } = stage;
  const hex = (digits: number) => random.word(digits, '0123456789abcdef');
  const one = connection({ ...ends, port: settings.targetPort }, stage.startUs, stage);
  yield* one.open();
  yield* one.send('client', line({ id: 1, method: 'mining.subscribe', params: ['miner/6.21'] }));
  yield* one.send('server', line({ id: 1, result: [[['mining.notify', hex(8)]], hex(8), 4], error: null }));
  yield* one.send('client', line({ id: 2, method: 'mining.authorize', params: ['desk.7', 'x'] }));
  yield* one.send('server', line({ id: 2, result: true, error: null }));
  for (const timeUs of paced(stage, settings)) {
    if (timeUs > one.timeUs) yield* one.pause(timeUs - one.timeUs);
    yield* one.send('server', line({ id: null, method: 'mining.notify', params: [hex(8), hex(64), hex(8), true] }));
    yield* one.send('client', line({ id: 4, method: 'mining.submit', params: ['desk.7', hex(8), hex(8), hex(8)] }));
    yield* one.send('server', line({ id: 4, result: true, error: null }));
  }
  yield* one.close('client');
}

/** A desk that mines. */
export const mining = {
  name: 'mining',
  summary: 'a desk that mines for a pool outside',
  unit: 'shares of work',
  defaults: { packets: 8, packetsPerSecond: 0.3, targetPort: 3333, jitter: 0.5 },
  start(stage, settings) {
    const client = desk(stage, 7);
    const server = outsider(stage, 'pool', '203.0.113.170');
    stage.scene.spawn(mine(stage, settings, { client, server }), stage.startUs);
    return {
      label: 'malware_mining',
      category: 'policy',
      attacker: addressOf(client),
      victim: `203.0.113.170:${settings.targetPort}`,
      note: `${settings.packets} shares at ${settings.packetsPerSecond}/s`,
    };
  },
} as const satisfies AttackKind;
