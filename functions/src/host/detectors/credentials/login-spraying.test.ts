import { PayloadGuess } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { host, incidentsOf, kindsOf, session, times } from '../traffic.fixture.js';

const source = '10.0.0.9';

/** Sessions with `servers` machines in turn, `each` with each, two seconds apart. */
function logins(servers: number, each: number, said: Said, destinationPort = 22) {
  const { payloadGuess = PayloadGuess.unknown } = said;
  return times(servers * each, (k) => {
    const ends = { source, sourcePort: 40_000 + k, destination: host(k % servers, '10.2'), destinationPort };
    return session({ ...ends, atS: k * 2, payloadGuess }, said);
  });
}

/** Payload bytes of a session, and what it looks like. */
interface Said {
  sent: number;
  received: number;
  payloadGuess?: number;
}

const refused = { sent: 1300, received: 1900 };
const letIn = { sent: 3700, received: 6100 };

describe('spraying of logins', () => {
  it('three on each of five servers are told, on four they are not', () => {
    expect(incidentsOf(logins(5, 3, refused))).toMatchObject([
      { kind: 'password-guessing', sources: [source], entity: `${source} > *:22` },
    ]);
    expect(kindsOf(logins(4, 3, refused))).toEqual([]);
  });

  it('one look at each of forty servers is none', () => {
    expect(kindsOf(logins(40, 1, refused))).toEqual([]);
  });

  it('a monitor that reads the greetings again and again is none', () => {
    expect(kindsOf(logins(20, 5, { sent: 22, received: 40 }))).toEqual([]);
  });

  it('a host that gets in nearly everywhere is none', () => {
    const work = logins(6, 2, letIn).map((packet) => ({
      ...packet,
      ...(packet.source === source ? { sourcePort: packet.sourcePort! + 500 } : {}),
      ...(packet.destination === source ? { destinationPort: packet.destinationPort! + 500 } : {}),
    }));
    const kinds = kindsOf([...logins(6, 2, refused), ...work]);
    expect(kinds).not.toContain('password-guessing');
    expect(kindsOf(logins(6, 2, refused))).toContain('password-guessing');
  });
});

describe('logins that fan out', () => {
  it('to six machines are told as low, to eighteen as medium, to five not', () => {
    expect(incidentsOf(logins(6, 1, letIn))).toMatchObject([
      { kind: 'lateral-movement', severity: 'low', sources: [source] },
    ]);
    expect(incidentsOf(logins(24, 1, letIn))).toMatchObject([{ kind: 'lateral-movement', severity: 'medium' }]);
    expect(kindsOf(logins(5, 1, letIn))).toEqual([]);
  });

  it.each([
    ['SMB', PayloadGuess.smb, 445],
    ['RPC', PayloadGuess.dceRpc, 49_667],
  ])('are told over %s, where the payload says so', (service, payloadGuess, port) => {
    const sessions = logins(6, 1, { ...letIn, payloadGuess }, port);
    expect(incidentsOf(sessions)).toMatchObject([{ title: expect.stringContaining(`6 machines over ${service}`) }]);
    expect(kindsOf(logins(6, 1, { ...refused, payloadGuess }, port))).toEqual([]);
  });

  it('to one machine again and again, or to other services, are none', () => {
    expect(kindsOf(logins(1, 5, letIn))).toEqual([]);
    expect(kindsOf(logins(30, 1, letIn, 443))).toEqual([]);
  });
});
