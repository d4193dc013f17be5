import { describe, expect, it } from 'vitest';
import { incidentsOf, kindsOf, lookUp, times } from '../traffic.fixture.js';

const PTR = 12;
const asks = (count: number, name: (k: number) => string, type = PTR) =>
  times(count, (k) => lookUp({ atS: k * 0.5, source: '10.0.0.9', sourcePort: 40_000 + k, name: name(k), type }));

describe('look-ups of the names of a network', () => {
  const inOne = (k: number) => `${k + 1}.2.0.192.in-addr.arpa`;

  it('of 64 addresses are told with the network, of 63 not', () => {
    expect(incidentsOf(asks(64, inOne))).toMatchObject([
      { kind: 'address-sweep', severity: 'low', sources: ['10.0.0.9'], targets: ['192.0.2.0/24'] },
    ]);
    expect(kindsOf(asks(63, inOne))).toEqual([]);
  });

  it('are not those of addresses that lie apart, nor repeats, nor other questions', () => {
    expect(kindsOf(asks(200, (k) => `7.${k % 250}.0.192.in-addr.arpa`))).toEqual([]);
    expect(kindsOf(asks(200, (k) => inOne(k % 60)))).toEqual([]);
    expect(kindsOf(asks(200, inOne, 1))).toEqual([]);
    expect(kindsOf(asks(200, (k) => `_s${k}._tcp.dns-sd.arpa`))).toEqual([]);
  });
});
