import { HttpSign, LineProtocol, NoteKind, Protocol, REQUEST_SHAPE_SHIFT, RequestShape } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { reply, type SaidPacket } from '../../../flow/packets.fixture.js';
import { host, incidentsOf, kindsOf, lookUp, session, times } from '../traffic.fixture.js';
import { HTTP_SIGNS } from './http-signs.js';

type Packets = Partial<SaidPacket>[];

const pair = { source: '10.0.0.9', destination: '198.51.100.80', sourcePort: 40_000, destinationPort: 80 };
const { whole, userAgent, saysBrowser, saysOldBrowser, nakedAgent, acceptLanguage, referer, query } = HttpSign;

function request(noteText: string, noteCode: number, packet: Partial<SaidPacket> = {}): Packets {
  return [
    { ...pair, protocol: Protocol.tcp, tcpFlags: 24, noteKind: NoteKind.httpRequest, noteCode, noteText, ...packet },
  ];
}

function answer(noteText: string): Packets {
  const asked = { ...pair, protocol: Protocol.tcp, tcpFlags: 24, atS: 0.1 };
  return [reply(asked, { noteKind: NoteKind.httpResponse, noteCode: 200, noteText })];
}

const disguised = whole | userAgent | saysBrowser;
const old = disguised | saysOldBrowser;

describe('control by HTTP', () => {
  const bot = [
    ['a post of an old browser without its fields to a script', request('POST /gate.php h.example', old)],
    ['the same to a bare address', request('POST /cfg.php 198.51.100.80', old)],
    ['a program behind the query', request('GET /.x/ h.example ?get=a.exe&v=1', old | query)],
    ['a picture that nobody shows, with a report in its query', request('GET /home.gif h.example', old | query)],
    [
      'a random path posted to at a bare address',
      request('POST /OK21pqJAtyyGBEo00 198.51.100.80:7080', userAgent | saysBrowser | saysOldBrowser, {
        destinationPort: 7080,
      }),
    ],
    ['a build for a small device at a bare address', request('GET /bins/x.mips 198.51.100.80', whole | 4 | nakedAgent)],
    ['the path of a stager at a bare address', request('GET /aaa9 198.51.100.80', disguised)],
    ['a program in Base64', [...request('GET /p.txt h.example', whole | userAgent), ...answer('exe base64')]],
    [
      'a program that was not asked for',
      [...request('GET /v/6JvA8/ h.example', disguised), ...answer('exe text/html')],
    ],
  ] as const;

  it.each(bot)('%s is told', (_, packets) => {
    expect(incidentsOf([...packets])).toMatchObject([
      { kind: 'command-and-control', sources: [pair.source], targets: [pair.destination] },
    ]);
  });

  const browser = whole | userAgent | saysBrowser | acceptLanguage;
  const benign = [
    ['a form in a page', request('POST /login.php h.example', browser | referer)],
    ['an app that says to be a browser', request('GET /api/v1/ads 198.51.100.80:9099', disguised, { destinationPort: 9099 })],
    ['a device that posts to another', request('POST /plug.cgi 10.0.0.20:10000', whole, { destination: '10.0.0.20' })],
    ['a program downloaded in a browser', [...request('GET /setup.exe h.example', browser), ...answer('exe application/x-msdownload')]],
    ['software of a device', [...request('GET /firmware/1.1 h.example', whole | userAgent | nakedAgent), ...answer('elf binary/octet-stream')]],
    ['a package manager', times(40, (k) => request(`GET /pool/p${k}.deb mirror.example`, whole | userAgent, { atS: k }))],
    ['an updater of an old system', request('GET /update.exe h.example', whole | userAgent)],
  ] as const; // biome-ignore format: a list to read

  it.each(benign)('%s is none', (_, packets) => {
    expect(kindsOf([...packets])).toEqual([]);
  });

  describe('by a disguised program that asks a bare address over and over', () => {
    const polls = (count: number, paths: number, host = '198.51.100.80') =>
      times(count, (k) => request(`GET /updates/${k % paths} ${host} ?t=${k}`, disguised | query, { atS: k * 20 }));

    it('is told from a dozen requests for the same on', () => {
      expect(incidentsOf(polls(12, 1))).toMatchObject([{ kind: 'command-and-control', severity: 'medium' }]);
      expect(kindsOf(polls(14, 3))).toEqual(['command-and-control']);
      expect(kindsOf(polls(11, 1))).toEqual([]);
    });

    it('is not told of one that asks for this and that, nor of a server with a name or within the network', () => {
      expect(kindsOf(polls(14, 4))).toEqual([]);
      expect(kindsOf(polls(14, 1, 'h.example'))).toEqual([]);
      const camera = { destination: '10.0.0.20' };
      expect(kindsOf(polls(14, 1, '10.0.0.20').map((packet) => ({ ...packet, ...camera })))).toEqual([]);
    });
  });

  it('says nothing of what a cut head does not hold', () => {
    expect(kindsOf(request('POST /gate.php h.example', userAgent | saysBrowser | saysOldBrowser))).toEqual([]);
  });

  it('is not told by any two signs of one request', () => {
    const heaviest = HTTP_SIGNS.map(({ weight }) => weight).sort((a, b) => b - a);
    expect(heaviest[0]! + heaviest[1]!).toBeLessThan(4);
  });
});

describe('attacks on a web server', () => {
  const attack = (text: string, shape: number, atS = 0) =>
    request(`GET /item h ?id=${text}`, whole | (shape << REQUEST_SHAPE_SHIFT), { atS });

  it('one is low, two different ones are medium, the same one twice is still low', () => {
    const first = attack("1' or '1'='1", RequestShape.sql);
    const second = attack('1 union select 1', RequestShape.sql, 1);
    expect(incidentsOf(first)).toMatchObject([{ kind: 'exploit', severity: 'low', sources: [pair.source] }]);
    expect(incidentsOf([...first, ...second])).toMatchObject([{ kind: 'exploit', severity: 'medium' }]);
    expect(incidentsOf([...first, ...first.map((packet) => ({ ...packet, atS: 1 }))])).toMatchObject([
      { severity: 'low' },
    ]);
  });

  it('sixteen are high, and say of which shapes', () => {
    const many = times(16, (k) => attack(`;cat /x${k}`, k % 2 ? RequestShape.command : RequestShape.traversal, k));
    const [incident] = incidentsOf(many);
    expect(incident).toMatchObject({ kind: 'exploit', severity: 'high' });
    expect(incident!.evidence.map(({ measure }) => measure)).toContain('commands of a shell');
  });

  it('a tool that names itself is one', () => {
    expect(kindsOf(request('GET / h', whole | userAgent | HttpSign.attackTool))).toEqual(['exploit']);
  });

  it('queries of every other page are none', () => {
    expect(kindsOf(times(100, (k) => request(`GET /item${k} h`, whole | query | userAgent, { atS: k })))).toEqual([]);
  });
});

describe('commands in lines', () => {
  const line = (noteCode: number, destinationPort: number) =>
    request('NICK', noteCode, { noteKind: NoteKind.lineCommand, destinationPort });

  it('a miner is told on any port', () => {
    expect(incidentsOf(line(LineProtocol.mining, 9999))).toMatchObject([{ kind: 'malware', sources: [pair.source] }]);
  });

  it('IRC is low on its own ports, medium elsewhere', () => {
    const kind = 'command-and-control';
    expect(incidentsOf(line(LineProtocol.irc, 6667))).toMatchObject([{ kind, severity: 'low' }]);
    expect(incidentsOf(line(LineProtocol.irc, 8067))).toMatchObject([{ kind, severity: 'medium' }]);
  });
});

describe('a connection that begins as those of intruders do', () => {
  const begins = (noteCode: number, text: string) =>
    incidentsOf(request(text, noteCode, { noteKind: NoteKind.lineCommand, destinationPort: 4444 }));

  it.each([
    ['a command shell', LineProtocol.shell, 'gives a command shell to'],
    ['a program for remote control', LineProtocol.remoteControl, 'is under remote control through'],
    ['a program', LineProtocol.program, 'loads the stage of an attack tool from'],
  ])('as of %s is told at once', (_, code, says) => {
    const [incident, ...others] = begins(code, 'x');
    expect(incident).toMatchObject({ kind: 'command-and-control', severity: 'high', sources: [pair.source] });
    expect(incident!.title).toContain(`${pair.source} ${says} `);
    expect(others).toEqual([]);
  });
});

describe('mail to many servers', () => {
  const greeting = (k: number): Packets =>
    request('220 mail.example ESMTP', 0, {
      ...{ atS: k * 5, destination: host(k, '198.51'), destinationPort: 25, noteKind: NoteKind.serverBanner },
    });
  const mailExchange = (k: number) => lookUp({ atS: k * 5, source: pair.source, name: `d${k}.example`, type: 15 });

  it('twelve that greet, or twelve domains asked for, are told as low, eleven are not', () => {
    for (const make of [greeting, mailExchange]) {
      expect(incidentsOf(times(12, make))).toMatchObject([{ kind: 'spam', severity: 'low', sources: [pair.source] }]);
      expect(kindsOf(times(11, make))).toEqual([]);
    }
  });

  it('many are medium', () => {
    const quick = times(48, greeting).map((packet) => ({ ...packet, atS: packet.atS! / 5 }));
    expect(incidentsOf(quick)).toMatchObject([{ kind: 'spam', severity: 'medium' }]);
  });

  it('are none of a host that mail from outside comes to', () => {
    const delivered = (count: number) =>
      times(count, (k) =>
        session({
          ...{ atS: k, source: host(k, '203.0'), sourcePort: 40_000 },
          ...{ destination: pair.source, destinationPort: 25 },
        }),
      );
    expect(kindsOf([...delivered(5), ...times(40, greeting), ...times(40, mailExchange)])).toEqual([]);
    expect(kindsOf([...delivered(4), ...times(40, greeting)])).toEqual(['spam']);
  });

  it('a mail program that polls one server, and look-ups of addresses, are none', () => {
    expect(kindsOf(times(30, (k) => greeting(0).map((packet) => ({ ...packet, atS: k * 5 }))))).toEqual([]);
    expect(kindsOf(times(40, (k) => lookUp({ atS: k * 5, source: pair.source, name: `d${k}.example` })))).toEqual([]);
    const one = (k: number) => lookUp({ atS: k * 5, source: pair.source, name: `m${k}.mail.example`, type: 15 });
    expect(kindsOf(times(40, one))).toEqual([]);
  });
});
