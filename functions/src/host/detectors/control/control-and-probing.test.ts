import { ConformanceBreach, NetworkLayer, NOTE_CODE_RESPONSE, NoteKind, Protocol } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { reply, type SaidPacket } from '../../../flow/packets.fixture.js';
import { incidentsOf, kindsOf, times } from '../traffic.fixture.js';

const pair = { source: '10.0.0.9', destination: '10.0.0.80', sourcePort: 40_000, protocol: Protocol.tcp, tcpFlags: 24 };

/** A request and the status that answers it. */
function page(atS: number, noteText: string, status: number): Partial<SaidPacket>[] {
  const request = { ...pair, destinationPort: 80, atS, noteKind: NoteKind.httpRequest, noteText };
  const answer = { atS: atS + 0.01, noteKind: NoteKind.httpResponse, noteCode: status, noteText: '' };
  return [request, reply(request, answer)];
}

describe('probing of a web server', () => {
  const probes = (count: number, status: number, path = (k: number) => `/cgi-${k}`) =>
    times(count, (k) => page(k * 0.2, `GET ${path(k)}`, status));

  it('twenty paths that it does not have are told, nineteen are not', () => {
    expect(incidentsOf(probes(20, 404))).toMatchObject([{ kind: 'exploit', sources: [pair.source] }]);
    expect(kindsOf(probes(19, 404))).toEqual([]);
  });

  it('tells the port apart from an IPv6 address', () => {
    const six = (address = '') => (address === pair.source ? '2001:db8::9' : '2001:db8::80');
    const inSix = (said: Partial<SaidPacket>) => ({
      ...said,
      ...{ source: six(said.source), destination: six(said.destination), networkLayer: NetworkLayer.ipv6 },
    });
    const [incident] = incidentsOf(probes(20, 404).map(inSix));
    expect(incident!.summary).toContain('2001:db8::9 asked [2001:db8::80]:80 for 20');
  });

  it('a crawler that meets dead links is none', () => {
    const crawl = times(400, (k) => page(k * 0.2, `GET /page-${k}`, k % 5 === 0 ? 404 : 200));
    expect(kindsOf(crawl)).toEqual([]);
  });

  it('a broken program that repeats itself is none', () => {
    expect(kindsOf(probes(300, 500, () => '/api/status'))).toEqual([]);
  });
});

describe('requests of scanners', () => {
  it('one is told', () => {
    const scan = page(0, 'GET /nmaplowercheck1712345678 example.com', 404);
    expect(incidentsOf(scan)).toMatchObject([
      { kind: 'port-scan', sources: [pair.source], targets: [pair.destination] },
    ]);
  });

  it('words that only begin alike are none', () => {
    expect(kindsOf([...page(0, 'GET /nmap/manual.html', 200), ...page(1, 'GET /nice-weather', 200)])).toEqual([]);
  });
});

describe('control over SMB', () => {
  const open = (noteText: string, packet: Partial<SaidPacket> = {}) => [
    { ...pair, destinationPort: 445, noteKind: NoteKind.smb, noteCode: 5, noteText, ...packet },
  ];

  it('an administrative share and the pipe for services are told as high', () => {
    const taken = [...open('\\\\10.0.0.80\\ADMIN$'), ...open('svcctl', { atS: 1 })];
    expect(incidentsOf(taken)).toMatchObject([{ kind: 'lateral-movement', severity: 'high', sources: [pair.source] }]);
  });

  it('one drive that was mounted is none', () => {
    expect(kindsOf(open('\\\\10.0.0.80\\C$'))).toEqual([]);
  });

  it('ordinary shares, printers and pipes are none', () => {
    const names = ['\\\\files\\public', '\\\\files\\IPC$', '\\\\files\\print$', 'srvsvc', 'wkssvc', 'report$.docx'];
    expect(kindsOf(times(60, (k) => open(names[k % names.length]!, { atS: k })))).toEqual([]);
  });

  it('what the server answers is not counted', () => {
    const answers = times(10, (k) => open('svcctl', { atS: k, noteCode: 5 | NOTE_CODE_RESPONSE }));
    expect(kindsOf(answers)).toEqual([]);
  });
});

describe('an HTTP flood', () => {
  const requests = (count: number) => times(count, (k) => page(k * 0.009, 'GET /', 200).slice(0, 1));

  it('a thousand requests in ten seconds are told, 999 are not', () => {
    expect(kindsOf(requests(1000))).toEqual(['http-flood']);
    expect(kindsOf(requests(999))).toEqual([]);
  });
});

describe('a violation of protocols', () => {
  const broken = (count: number, breach: number, packet: Partial<SaidPacket> = {}) =>
    times(count, (k) => [
      { ...pair, protocol: Protocol.udp, tcpFlags: 0, destinationPort: 53, atS: k, conformance: breach, ...packet },
    ]);

  it('an overlapping fragment is one', () => {
    const [incident] = incidentsOf(broken(1, ConformanceBreach.fragmentOverlapping));
    expect(incident).toMatchObject({ kind: 'protocol-violation', sources: [pair.source], targets: [pair.destination] });
  });

  it('ten malformed DNS messages are one, nine are none', () => {
    expect(kindsOf(broken(10, ConformanceBreach.dnsMalformed))).toEqual(['protocol-violation']);
    expect(kindsOf(broken(9, ConformanceBreach.dnsMalformed))).toEqual([]);
  });

  it('TCP from an address to itself is one, the echo of BFD is none', () => {
    const self = { destination: pair.source };
    const land = broken(1, ConformanceBreach.ipSourceIsDestination, { ...self, protocol: 6, tcpFlags: 2 });
    expect(kindsOf(land)).toEqual(['protocol-violation']);
    expect(kindsOf(broken(50, ConformanceBreach.ipSourceIsDestination, self))).toEqual([]);
  });

  it('wrong checksums are none: network cards fill them in', () => {
    expect(kindsOf(broken(100, ConformanceBreach.ipChecksumWrong))).toEqual([]);
  });
});
