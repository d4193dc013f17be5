/** Remote calls inside named pipes: a service that is made on another machine (MS-SCMR), and accounts that are listed (MS-SAMR). */

import type { Play } from '../simulation.js';
import { concat } from '../wire/bytes.js';
import type { Host } from '../wire/host.js';
import { little32 } from '../wire/little.js';
import { ciphertext } from '../wire/payloads.js';
import { Rpc, rpc, rpcBind, rpcRequest, rpcResponse } from '../wire/rpc.js';
import { Command, create, smb2, transceive, transceived, treeConnect } from '../wire/smb.js';
import type { TcpConversation } from '../wire/tcp-conversation.js';
import type { AttackStage } from './attack.js';
import { addressOf, connection } from './cast.js';

interface Ends {
  readonly client: Host;
  readonly server: Host;
}

const SERVICES = {
  pipe: 'svcctl',
  uuid: '367abb81-9844-35f1-ad32-98f038001003',
  operations: { openManager: 15, create: 12, start: 19 },
} as const;
const ACCOUNTS = {
  pipe: 'samr',
  uuid: '12345778-1234-abcd-ef00-0123456789ac',
  operations: { connect: 64, openDomain: 7, listUsers: 13, listGroups: 11, listAliases: 15 },
} as const;
const HANDLE_BYTES = 20;
const PIPE_ID = 0x51;

/** Opens a pipe of the server and binds to its interface. Every response is good. */
function* openPipe(
  stage: AttackStage,
  ends: Ends,
  of: { readonly pipe: string; readonly uuid: string; readonly timeUs: number },
): Play<TcpConversation> {
  const one = connection({ ...ends, port: 445 }, of.timeUs, stage);
  yield* one.open();
  yield* ask(one, Command.negotiate, new Uint8Array(36));
  yield* ask(one, Command.sessionSetup, concat([new Uint8Array(24), ciphertext(stage.random, 180)]));
  yield* ask(one, Command.treeConnect, treeConnect(`\\\\${addressOf(ends.server)}\\IPC$`));
  yield* ask(one, Command.create, create(of.pipe));
  yield* exchange(one, rpcBind(1, of.uuid), rpc(Rpc.bindAck, 1, new Uint8Array(44)));
  return one;
}

function* ask(one: TcpConversation, command: number, body: Uint8Array): Play {
  yield* one.send('client', smb2(command, body));
  yield* one.send('server', smb2(command, new Uint8Array(60), true));
}

function* exchange(one: TcpConversation, request: Uint8Array, response: Uint8Array): Play {
  yield* one.send('client', smb2(Command.control, transceive(PIPE_ID, request)));
  yield* one.send('server', smb2(Command.control, transceived(PIPE_ID, response), true));
}

/** A call that gives a handle, or as many other bytes, and success. */
function* call(
  one: TcpConversation,
  { operation, number }: { operation: number; number: number },
  random: AttackStage['random'],
): Play {
  const arguments_ = ciphertext(random, random.between(24, 200));
  const results = concat([ciphertext(random, HANDLE_BYTES), little32(0)]);
  yield* exchange(one, rpcRequest(number, operation, arguments_), rpcResponse(number, results));
}

/** Makes a service on the server and starts it, with nothing opened but IPC$. */
export function* makeService(stage: AttackStage, ends: Ends, timeUs: number): Play {
  const one = yield* openPipe(stage, ends, { ...SERVICES, timeUs });
  let number = 2;
  for (const operation of Object.values(SERVICES.operations))
    yield* call(one, { operation, number: number++ }, stage.random);
  yield* one.pause(2_000_000);
  yield* one.close('client');
}

/** Asks the server for its users, groups and aliases. */
export function* listAccounts(stage: AttackStage, ends: Ends, timeUs: number): Play {
  const one = yield* openPipe(stage, ends, { ...ACCOUNTS, timeUs });
  let number = 2;
  for (const operation of Object.values(ACCOUNTS.operations))
    yield* call(one, { operation, number: number++ }, stage.random);
  yield* one.pause(400_000);
  yield* one.close('client');
}
