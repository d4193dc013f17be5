import { AmplifierMessage, LoginProtocol, NoteKind, PayloadGuess, Protocol, TcpFlag } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { reply } from '../../../flow/packets.fixture.js';
import { answered, incidentsOf, kindsOf, session, times } from '../traffic.fixture.js';

const pair = { source: '10.0.0.9', destination: '10.0.0.22' };
const logins = (count: number, destinationPort: number, said = {}) =>
  times(count, (k) => session({ ...pair, atS: k * 6, sourcePort: 40_000 + k, destinationPort }, said));

describe('password guessing', () => {
  it('six short sessions in five minutes are guessing, five are none', () => {
    for (const port of [21, 22, 23, 3389, 3306]) {
      expect(kindsOf(logins(6, port))).toEqual(['password-guessing']);
      expect(kindsOf(logins(5, port))).toEqual([]);
    }
  });

  it('mail services need forty', () => {
    expect(kindsOf(logins(40, 143))).toEqual(['password-guessing']);
    expect(kindsOf(logins(39, 143))).toEqual([]);
  });

  it('sessions in which much was said are work, not guesses', () => {
    expect(kindsOf(logins(30, 22, { received: 20_000 }))).toEqual([]);
  });

  it('of SSH is told on any port by how it begins, up to the size at which work is done', () => {
    const ssh = (port: number, received: number) =>
      logins(10, port, { sent: 2500, received }).map((packet) => ({ ...packet, payloadGuess: PayloadGuess.ssh }));
    expect(incidentsOf(ssh(22_022, 2500))[0]).toMatchObject({
      title: expect.stringContaining('guesses SSH passwords'),
    });
    expect(kindsOf(ssh(22, 5499))).toEqual(['password-guessing']);
    expect(kindsOf(ssh(22, 5500))).toEqual([]);
    expect(kindsOf(logins(10, 22_022))).toEqual([]);
  });

  it('FTP sessions that the server lets in are a mirror, not guesses', () => {
    const letIn = (count: number) =>
      times(count, (k) => [
        {
          ...reply({ ...pair, atS: k * 6 + 0.05, sourcePort: 40_000 + k, destinationPort: 21, protocol: Protocol.tcp }),
          ...{ tcpFlags: TcpFlag.ack, noteKind: NoteKind.serverReply, noteCode: 230 },
        },
      ]);
    expect(kindsOf([...logins(30, 21), ...letIn(25)])).toEqual([]);
    expect(kindsOf([...logins(30, 21), ...letIn(24)])).toEqual(['password-guessing']);
  });

  it('databases are told as low within a network, where programs work in sessions of that size', () => {
    const severitiesFrom = (source: string) =>
      incidentsOf(
        times(100, (k) => session({ ...pair, source, atS: k, sourcePort: 40_000 + k, destinationPort: 3306 })),
      ).map(({ severity }) => severity);
    expect(severitiesFrom('10.0.0.9')).toEqual(['low']);
    expect(severitiesFrom('203.0.113.9')).toEqual(['high']);
  });

  it('attempts on both sides of a window boundary are counted together', () => {
    const across = times(6, (k) => session({ ...pair, atS: 135 + k * 6, sourcePort: 40_000 + k, destinationPort: 22 }));
    expect(kindsOf(across)).toEqual(['password-guessing']);
  });

  it('names who guesses at what', () => {
    expect(incidentsOf(logins(20, 22))[0]).toMatchObject({ sources: [pair.source], targets: [pair.destination] });
  });
});

describe('web password guessing', () => {
  const web = (atS: number, note: object) =>
    answered({ ...pair, atS, sourcePort: 40_000, destinationPort: 8080, protocol: 6, tcpFlags: 24, ...note });
  const posts = (count: number, path: string) =>
    times(count, (k) => web(k, { noteKind: NoteKind.httpRequest, noteText: `POST ${path}` }).slice(0, 1));
  const refusals = (count: number, code: number) =>
    times(count, (k) => web(k, { noteKind: NoteKind.httpResponse, noteCode: code }).slice(1));

  it('twelve logins posted in five minutes are guessing, eleven are none', () => {
    expect(kindsOf(posts(12, '/login.php'))).toEqual(['password-guessing']);
    expect(kindsOf(posts(11, '/login.php'))).toEqual([]);
  });

  it('twelve refusals are guessing, eleven are none', () => {
    expect(kindsOf(refusals(12, 401))).toEqual(['password-guessing']);
    expect(kindsOf(refusals(11, 401))).toEqual([]);
  });

  it('refusals before each login that is let in are how Negotiate and Digest work', () => {
    const polls = (refusedEach: number) =>
      times(30, (k) =>
        times(refusedEach + 1, (n) =>
          web(k + n / 10, { noteKind: NoteKind.httpResponse, noteCode: n < refusedEach ? 401 : 200 }).slice(1),
        ),
      );
    expect(kindsOf(polls(2))).toEqual([]);
    expect(kindsOf(polls(3))).toEqual(['password-guessing']);
  });

  it.each([
    '/session',
    '/api/auth',
    '/user/login',
    '/wp-login.php',
    '/authenticate',
    '/Account/LogOn',
    '/accounts/signin',
  ])('logins may be posted to %s', (path) => expect(kindsOf(posts(12, path))).toEqual(['password-guessing']));

  it.each(['/api/session/keepalive', '/oauth/token', '/api/auth/refresh', '/v2/accounts/7/photos', '/author'])(
    'other things are posted to %s',
    (path) => expect(kindsOf(posts(100, path))).toEqual([]),
  );

  it('other posts and pages that are missing are none', () => {
    expect(kindsOf([...posts(100, '/api/metrics'), ...refusals(100, 404)])).toEqual([]);
  });
});

describe('logins that servers refuse', () => {
  const client = '10.0.0.9';
  const refused = (atS: number, server: string, note: object) =>
    answered({
      atS,
      source: client,
      destination: server,
      sourcePort: 40_000,
      destinationPort: 21,
      protocol: 6,
      tcpFlags: 24,
      noteKind: NoteKind.serverReply,
      ...note,
    }).slice(1);
  const failures = (count: number, note: object = { noteCode: 530 }) =>
    times(count, (k) => refused(k * 10, '10.0.0.22', note));

  it('six in five minutes are guessing, five are none', () => {
    expect(kindsOf(failures(6))).toEqual(['password-guessing']);
    expect(kindsOf(failures(5))).toEqual([]);
  });

  it('the status of an SMB session setup counts, one that asks for more does not', () => {
    const setup = { destinationPort: 445, noteKind: NoteKind.smb, noteCode: 0x8001 };
    expect(kindsOf(failures(10, { ...setup, noteValue: 0xc000006d }))).toEqual(['password-guessing']);
    expect(kindsOf(failures(30, { ...setup, noteValue: 0xc0000016 }))).toEqual([]);
  });

  it('a mail server that refuses something else is not meant', () => {
    const mail = { destinationPort: 110, noteCode: 2 };
    expect(kindsOf(failures(10, { ...mail, noteText: 'authentication failed' }))).toEqual(['password-guessing']);
    expect(kindsOf(failures(30, { ...mail, noteText: 'no such message' }))).toEqual([]);
  });

  it('a login that was let in after them makes it severe, one before them does not', () => {
    const after = [...failures(10), ...refused(110, '10.0.0.22', { noteCode: 230 })];
    expect(incidentsOf(after)).toMatchObject([{ severity: 'high', sources: [client] }]);
    const before = [...refused(0, '10.0.0.22', { noteCode: 230 }), ...failures(10)];
    expect(incidentsOf(before)).toMatchObject([{ severity: 'medium' }]);
  });

  it('two on each of five hosts are spraying, told of the source', () => {
    const spray = (hosts: number) => times(10, (k) => refused(k * 10, `10.0.0.${50 + (k % hosts)}`, { noteCode: 530 }));
    expect(incidentsOf(spray(5))).toMatchObject([{ kind: 'password-guessing', entity: `${client} > *:21` }]);
    expect(kindsOf(spray(4))).toEqual([]);
  });
});

describe('logins of directories and telephones', () => {
  const results = (count: number, values: readonly number[], noteCode: number = LoginProtocol.ldap) =>
    times(count, (k) =>
      answered({
        ...{ atS: k, source: '10.0.0.9', destination: '10.0.0.22', sourcePort: 40_000, destinationPort: 389 },
        ...{
          protocol: 6,
          tcpFlags: 24,
          noteKind: NoteKind.loginResult,
          noteCode,
          noteValue: values[k % values.length]!,
        },
      }).slice(1),
    );

  it('twenty that are refused in five minutes are guessing, nineteen are none', () => {
    expect(incidentsOf(results(20, [49]))).toMatchObject([{ kind: 'password-guessing', sources: ['10.0.0.9'] }]);
    expect(kindsOf(results(19, [49]))).toEqual([]);
    expect(kindsOf(results(20, [24, 6], LoginProtocol.kerberos))).toEqual(['password-guessing']);
  });

  it('of an application, and telephones that are refused once before each registration, are none', () => {
    expect(kindsOf(results(200, [0, 49, 0, 0]))).toEqual([]);
    expect(kindsOf(results(200, [401, 200], LoginProtocol.sip))).toEqual([]);
    // As a mirror port may show them, which copies a packet where it comes in and where it goes out.
    expect(kindsOf(results(120, [401, 401, 200], LoginProtocol.sip))).toEqual([]);
    expect(kindsOf(results(60, [401, 403], LoginProtocol.sip))).toEqual(['password-guessing']);
  });
});

describe('communities of SNMP', () => {
  const questions = (communities: number) =>
    times(60, (k) => [
      {
        ...{ atS: k, source: '10.0.0.9', destination: '10.0.0.22', sourcePort: 40_000, destinationPort: 161 },
        ...{ noteKind: NoteKind.amplifierMessage, noteCode: AmplifierMessage.snmp },
        noteText: `00${10 + (k % communities)}`,
      },
    ]);

  it('eight that one host names to another are guesses, seven are none', () => {
    expect(incidentsOf(questions(8))).toMatchObject([{ kind: 'password-guessing', targets: ['10.0.0.22'] }]);
    expect(kindsOf(questions(7))).toEqual([]);
  });
});
