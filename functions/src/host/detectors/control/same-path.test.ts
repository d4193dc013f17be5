import { HttpSign, NoteKind, Protocol } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { incidentsOf, kindsOf, times } from '../traffic.fixture.js';

const { whole, userAgent } = HttpSign;
const told = 'command-and-control';

/** A request to the `k`th server for a path, every 40 s. */
const requests = (count: number, { path = '/nk6l/', noteCode = whole as number, network = '198.51.100' } = {}) =>
  times(count, (k) => [
    {
      ...{ atS: k * 40, source: '10.0.0.9', destination: `${network}.${10 + k}`, sourcePort: 40_000 + k },
      ...{ destinationPort: 80, protocol: Protocol.tcp, tcpFlags: 24, noteKind: NoteKind.httpRequest, noteCode },
      noteText: `GET ${path.replace('#', String(k))} www.site${k}.example`,
    },
  ]);

describe('one path asked of server after server', () => {
  it('by a program without a name is told from five on', () => {
    expect(incidentsOf(requests(5))).toMatchObject([
      { kind: told, sources: ['10.0.0.9'], entity: '10.0.0.9 > /nk6l/' },
    ]);
    expect(kindsOf(requests(4))).not.toContain(told);
  });

  it('is not told of a program that says its name, of pages, of other paths, and of devices within', () => {
    expect(kindsOf(requests(7, { noteCode: whole | userAgent }))).not.toContain(told);
    expect(kindsOf(requests(7, { noteCode: 0 }))).not.toContain(told);
    expect(kindsOf(requests(7, { path: '/' }))).not.toContain(told);
    expect(kindsOf(requests(7, { path: '/item#' }))).not.toContain(told);
    expect(kindsOf(requests(7, { network: '10.0.1' }))).not.toContain(told);
  });
});
