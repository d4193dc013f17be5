import { join } from 'node:path';
import { addressOf } from '../network.js';
import { OWN_PROGRAMS, PYTHON } from '../servers.js';
import type { Stage } from '../stage.js';
import type { Attack } from './attack.js';

const DESK = addressOf('client2');
const FILES = addressOf('files');
/** Machines whose shares and users are listed. */
const LISTED = ['files', 'web', 'mail', 'ftp', 'ssh', 'client1', 'client3'];
const PROGRAM = join(OWN_PROGRAMS, 'remote_calls.py');
/** What shows that impacket, which the program needs, is there. */
const IMPACKET = 'impacket-samrdump';
const SERVERS_READY_S = 3;

/** Makes machines answer remote calls for as long as `calls` are made from a desk. */
async function withServers(stage: Stage, machines: readonly string[], calls: readonly string[]): Promise<void> {
  const servers = machines.map((machine) => stage.start(machine, [PYTHON, PROGRAM, 'serve', addressOf(machine)], 60));
  await stage.pause(SERVERS_READY_S);
  await stage.run('client2', [PYTHON, PROGRAM, ...calls], 40);
  await Promise.all(servers.map((server) => server.end()));
}

const ofDesk = { category: 'lateral', attacker: DESK, limitS: 60, tools: [IMPACKET] } as const;

/** Remote calls (DCE/RPC) inside SMB and over TCP, with impacket on both ends. */
export const REMOTE_CALLS: readonly Attack[] = [
  {
    ...ofDesk,
    name: 'remote-service',
    label: 'lateral_movement_remote_service',
    victim: FILES,
    filter: `host ${DESK} and host ${FILES} and tcp port 445`,
    note: 'a service made and started through the pipe svcctl',
    run: (stage) => withServers(stage, ['files'], ['service', FILES]),
  },
  {
    ...ofDesk,
    name: 'account-listing',
    label: 'lateral_movement_account_listing',
    victim: '10.77.0.0/24',
    filter: `host ${DESK} and tcp port 445`,
    note: 'shares and users of seven machines listed through srvsvc and wkssvc',
    run: (stage) => withServers(stage, LISTED, ['list', ...LISTED.map(addressOf)]),
  },
  {
    ...ofDesk,
    name: 'rpc-refusals',
    label: 'lateral_movement_rpc_refusals',
    victim: FILES,
    filter: `host ${DESK} and host ${FILES} and tcp port 49700`,
    note: 'sixty calls over TCP, each refused with access denied',
    run: (stage) => withServers(stage, ['files'], ['refused', FILES, '60']),
  },
];
