/** A desk that takes control of others: over SMB (MS-SMB2), by remote logins, or by calls that are refused again and again. */

import { sshHandshake } from '../background/machines.js';
import { tlsHandshake } from '../background/web.js';
import type { Play } from '../simulation.js';
import { ascii, concat } from '../wire/bytes.js';
import type { Host } from '../wire/host.js';
import { little32 } from '../wire/little.js';
import { ciphertext } from '../wire/payloads.js';
import { Rpc, rpc, rpcRequest, rpcResponse } from '../wire/rpc.js';
import { Command, create, smb2, treeConnect } from '../wire/smb.js';
import type { TcpConversation } from '../wire/tcp-conversation.js';
import { type AttackKind, type AttackStage, paced } from './attack.js';
import { addressOf, connection, desk, spawnAt } from './cast.js';
import { listAccounts, makeService } from './pipe-calls.js';

function* ask(one: TcpConversation, command: number, body: Uint8Array): Play {
  yield* one.send('client', smb2(command, body));
  yield* one.send('server', smb2(command, new Uint8Array(60), true));
}

function* takeControl(stage: AttackStage, ends: { client: Host; server: Host }, timeUs: number): Play {
  const { random } = stage;
  const one = connection({ ...ends, port: 445 }, timeUs, stage);
  const path = `\\\\${addressOf(ends.server)}\\`;
  yield* one.open();
  yield* ask(one, Command.negotiate, new Uint8Array(36));
  yield* ask(one, Command.sessionSetup, concat([new Uint8Array(24), ciphertext(random, 180)]));
  yield* ask(one, Command.treeConnect, treeConnect(`${path}ADMIN$`));
  yield* ask(one, Command.create, create('svc7f.exe'));
  yield* ask(one, Command.write, concat([new Uint8Array(48), ascii('MZ'), ciphertext(random, 9000)]));
  yield* ask(one, Command.treeConnect, treeConnect(`${path}IPC$`));
  yield* ask(one, Command.create, create('svcctl'));
  yield* ask(one, Command.write, concat([new Uint8Array(48), ciphertext(random, 220)]));
  yield* one.pause(2_000_000);
  yield* one.close('client');
}

const FAN_OUT_PORTS = { ssh: 22, rdp: 3389, winrm: 5985 } as const;

/** A session that is let in, and in which something is done for a while. */
function* enter(
  stage: AttackStage,
  ends: { client: Host; server: Host; technique: keyof typeof FAN_OUT_PORTS },
  timeUs: number,
): Play {
  const { random } = stage;
  const one = connection({ ...ends, port: FAN_OUT_PORTS[ends.technique] }, timeUs, stage);
  yield* one.open();
  if (ends.technique === 'ssh') yield* sshHandshake(one, 'SSH-2.0-OpenSSH_9.7', random);
  else yield* tlsHandshake(one, addressOf(ends.server), random);
  for (let message = 0; message < 12; message += 1) {
    yield* one.send('client', ciphertext(random, random.between(60, 900)));
    yield* one.send('server', ciphertext(random, random.between(60, 2000)));
    yield* one.pause(random.between(100_000, 400_000));
  }
  yield* one.close('client');
}

/** Where domain controllers listen for calls, by default one of the dynamic ports. */
const NETLOGON_PORT = 49_667;
const NETLOGON = { challenge: 4, authenticate: 26 } as const;
const ACCESS_DENIED = 0xc0000022;
const CREDENTIAL_BYTES = 8;

/** One of many tries to log in as the machine itself with a credential of zeros (CVE-2020-1472), which is refused. */
function* tryZeros(stage: AttackStage, ends: { client: Host; server: Host }, timeUs: number): Play {
  const one = connection({ ...ends, port: NETLOGON_PORT }, timeUs, stage);
  const zeros = new Uint8Array(CREDENTIAL_BYTES);
  yield* one.open();
  yield* one.send('client', rpc(Rpc.bind, 1, new Uint8Array(56)));
  yield* one.send('server', rpc(Rpc.bindAck, 1, new Uint8Array(44)));
  yield* one.send('client', rpcRequest(2, NETLOGON.challenge, concat([new Uint8Array(64), zeros])));
  yield* one.send('server', rpcResponse(2, concat([ciphertext(stage.random, CREDENTIAL_BYTES), little32(0)])));
  yield* one.send('client', rpcRequest(3, NETLOGON.authenticate, concat([new Uint8Array(96), zeros])));
  yield* one.send('server', rpcResponse(3, concat([zeros, new Uint8Array(8), little32(ACCESS_DENIED)])));
  yield* one.close('client');
}

/** Machines that are entered one after the other: desks and servers other than the own. */
function others(stage: AttackStage, self: Host): Host[] {
  const { clients, servers } = stage.scene.network;
  return [...clients, ...Object.values(servers)].filter((host) => host !== self);
}

function visitOf(stage: AttackStage, technique: string, client: Host) {
  if (technique === 'smb') return (timeUs: number) => takeControl(stage, { client, server: desk(stage, 6) }, timeUs);
  if (technique === 'service')
    return (timeUs: number) => makeService(stage, { client, server: desk(stage, 6) }, timeUs);
  if (technique === 'rpc') return (timeUs: number) => tryZeros(stage, { client, server: desk(stage, 6) }, timeUs);
  const way = technique as keyof typeof FAN_OUT_PORTS;
  const hosts = others(stage, client);
  if (technique === 'listing')
    return (timeUs: number, index: number) =>
      listAccounts(stage, { client, server: hosts[index % hosts.length]! }, timeUs);
  return (timeUs: number, index: number) =>
    enter(stage, { client, server: hosts[index % hosts.length]!, technique: way }, timeUs);
}

/** A program or a person goes from one desk to others. */
export const lateralMovement = {
  name: 'lateral-movement',
  summary:
    'a desk that starts a program on another over an administrative share (smb) or by remote calls (service), that is refused call after call (rpc), that lists the accounts of one machine after the other (listing), or that enters them',
  unit: 'visits',
  techniques: ['smb', 'ssh', 'rdp', 'winrm', 'rpc', 'service', 'listing'],
  defaults: { packets: 12, packetsPerSecond: 0.3, jitter: 0.3 },
  byTechnique: {
    smb: { packets: 2, packetsPerSecond: 0.2 },
    rpc: { packets: 120, packetsPerSecond: 10 },
    service: { packets: 2, packetsPerSecond: 0.2 },
    listing: { packets: 8, packetsPerSecond: 1 },
  },
  tailS: 15,
  start(stage, settings) {
    const [client, server] = [desk(stage, 3), desk(stage, 6)];
    const visit = visitOf(stage, settings.technique, client);
    stage.scene.spawn(spawnAt(stage, paced(stage, settings), visit), stage.startUs);
    return {
      label: `lateral_movement_${settings.technique}`,
      category: 'lateral',
      attacker: addressOf(client),
      victim: victimOf(settings.technique, server),
      note: `${settings.packets} visits`,
    };
  },
} as const satisfies AttackKind;

function victimOf(technique: string, server: Host): string {
  if (technique === 'smb' || technique === 'service') return `${addressOf(server)}:445`;
  return technique === 'rpc' ? `${addressOf(server)}:${NETLOGON_PORT}` : '10.20.0.0/22';
}
