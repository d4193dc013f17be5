import { NoteKind, RpcInterface } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import type { SaidPacket } from '../../../flow/packets.fixture.js';
import { host, incidentsOf, kindsOf, session } from '../traffic.fixture.js';

const CLIENT = '10.0.0.7';
const CREATE_SERVICE = 12;
const START_SERVICE = 19;
const OPEN_MANAGER = 15;
const LIST_USERS = 13;
const LIST_SHARES = 15;
const OPEN_USER = 34;

/** Calls of these operations of an interface, `everyS` apart, to the servers in turn. */
function calls(
  noteCode: number,
  operations: readonly number[],
  { servers = ['10.0.0.2'], everyS = 1 } = {},
): Partial<SaidPacket>[] {
  const pair = (k: number) => ({
    source: CLIENT,
    destination: servers[k % servers.length]!,
    sourcePort: 51_000,
    destinationPort: 445,
  });
  return [
    ...servers.flatMap((_, k) => session(pair(k))),
    ...operations.map((noteValue, k) => ({
      ...pair(k),
      protocol: 6,
      tcpFlags: 24,
      atS: 2 + k * everyS,
      noteKind: NoteKind.rpcCall,
      noteCode,
      noteValue,
    })),
  ];
}

describe('remote calls that change a machine', () => {
  it('a service made and started is told as high, with the calls counted', () => {
    expect(incidentsOf(calls(RpcInterface.services, [OPEN_MANAGER, CREATE_SERVICE, START_SERVICE]))).toMatchObject([
      {
        kind: 'lateral-movement',
        severity: 'high',
        sources: [CLIENT],
        targets: ['10.0.0.2'],
        evidence: [{ value: 0 }, { value: 0 }, { value: 2 }, { value: 2, threshold: 2 }],
      },
    ]);
  });

  it('one task or key alone is none, two are', () => {
    expect(kindsOf(calls(RpcInterface.tasks, [1]))).toEqual([]);
    expect(kindsOf(calls(RpcInterface.tasks, [1, 12]))).toEqual(['lateral-movement']);
    expect(kindsOf(calls(RpcInterface.registry, [22, 22]))).toEqual(['lateral-movement']);
  });

  it('reading which services there are is none', () => {
    expect(kindsOf(calls(RpcInterface.services, Array(60).fill(OPEN_MANAGER)))).toEqual([]);
  });
});

describe('remote calls that list', () => {
  it('thirty at one machine are low, twenty-nine are none', () => {
    expect(incidentsOf(calls(RpcInterface.accounts, Array(30).fill(LIST_USERS)))).toMatchObject([
      { kind: 'lateral-movement', severity: 'low', sources: [CLIENT] },
    ]);
    expect(kindsOf(calls(RpcInterface.accounts, Array(29).fill(LIST_USERS)))).toEqual([]);
  });

  it('one at each of six machines is told as medium, of five not', () => {
    const servers = (count: number) => Array.from({ length: count }, (_, k) => host(k, '10.0'));
    const once = (count: number) =>
      calls(RpcInterface.server, Array(count).fill(LIST_SHARES), { servers: servers(count) });
    expect(incidentsOf(once(6))).toMatchObject([{ kind: 'lateral-movement', severity: 'medium' }]);
    expect(kindsOf(once(5))).toEqual([]);
  });

  it('now and then, and other calls, are none', () => {
    expect(kindsOf(calls(RpcInterface.accounts, Array(100).fill(OPEN_USER)))).toEqual([]);
    expect(kindsOf(calls(RpcInterface.accounts, Array(40).fill(LIST_USERS), { everyS: 30 }))).toEqual([]);
  });
});
