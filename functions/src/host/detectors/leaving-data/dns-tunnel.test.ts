import { describe, expect, it } from 'vitest';
import { incidentsOf, kindsOf, letters, lookUp, times } from '../traffic.fixture.js';

const source = '10.0.0.9';
const NULL = 10;
const TXT = 16;
const [CNAME, MX, KEY] = [5, 15, 25];
const asks = (count: number, name: (k: number) => string, type = 1) =>
  times(count, (k) => lookUp({ atS: k * 0.5, source, sourcePort: 40_000 + k, name: name(k), type }));

describe('DNS tunnel', () => {
  const long = (k: number) => `${letters(k, 50)}.t.example.com`;

  it('thirty long names under one domain are a tunnel, twenty-nine are none', () => {
    expect(kindsOf(asks(30, long))).toEqual(['dns-tunnel']);
    expect(kindsOf(asks(29, long))).toEqual([]);
  });

  it('only bytes carried count: repeats of a name do not', () => {
    expect(kindsOf(asks(300, (k) => long(k % 20)))).toEqual([]);
  });

  it('names that carry less than 22 bytes are none, in any number', () => {
    expect(kindsOf(asks(500, (k) => `${letters(k, 21)}.example.com`, TXT))).toEqual([]);
    expect(kindsOf(asks(500, (k) => `${letters(k, 22)}.example.com`, TXT))).toEqual(['dns-tunnel']);
  });

  it('hashes of files that a service is asked for by design are none', () => {
    const hash = (k: number) => `${letters(k, 40)}.a.b`;
    for (const domain of ['c.e5.sk', 'SophosXL.net'])
      expect(kindsOf(asks(200, (k) => `${hash(k)}.${domain}`, TXT))).toEqual([]);
    expect(kindsOf(asks(200, (k) => `${hash(k)}.sophosxl.net.example.com`, TXT))).toEqual(['dns-tunnel']);
  });

  it('without a domain, as to a server that is asked directly, is told as one', () => {
    const hex = (k: number) => `${letters(k, 17)}${k % 10}`;
    expect(incidentsOf(asks(60, (k) => `dnscat.${hex(k)}`, MX))).toMatchObject([{ kind: 'dns-tunnel', domain: '.' }]);
    expect(kindsOf(asks(200, (k) => `server${letters(k, 18)}.site${k % 10}`))).toEqual([]);
    expect(kindsOf(asks(200, (k) => `www.${letters(k, 18)}.xn--vermgensberatung9`))).toEqual([]);
  });

  it('an escape stands for one byte', () => {
    const binary = (bytes: number) => (k: number) => `${letters(k, 12)}${'\\233'.repeat(bytes - 12)}.example.com`;
    expect(kindsOf(asks(100, binary(21)))).toEqual([]);
    expect(kindsOf(asks(100, binary(22)))).toEqual(['dns-tunnel']);
  });

  it('of a type that no service uses, thirty short names are a tunnel and twenty-nine are none', () => {
    const short = (k: number) => `p${letters(k, 5)}.example.com`;
    for (const type of [NULL, 65_399]) {
      expect(kindsOf(asks(30, short, type))).toEqual(['dns-tunnel']);
      expect(kindsOf(asks(29, short, type))).toEqual([]);
    }
    expect(kindsOf(asks(200, short, TXT))).toEqual([]);
  });

  it('of a type that hosts leave to their resolver, thirty names of twelve bytes are one', () => {
    const idle = (k: number) => `${letters(k, 12)}.example.com`;
    for (const type of [CNAME, MX, KEY]) {
      expect(kindsOf(asks(30, idle, type))).toEqual(['dns-tunnel']);
      expect(kindsOf(asks(29, idle, type))).toEqual([]);
      expect(kindsOf(asks(200, (k) => `${letters(k, 11)}.example.com`, type))).toEqual([]);
    }
    expect(kindsOf(asks(200, idle))).toEqual([]);
  });

  it('short names with long texts for answers are a tunnel, with short texts none', () => {
    const texts = (bytes: number) =>
      asks(40, (k) => `p${letters(k, 5)}.example.com`, TXT).map((packet, k) =>
        k % 2 === 0 ? packet : { ...packet, noteValue: bytes * 65_536 + 256 },
      );
    expect(kindsOf(texts(400))).toEqual(['dns-tunnel']);
    expect(kindsOf(texts(150))).toEqual([]);
  });

  it('answers alone are enough, and questions alone', () => {
    for (const from of [0, 1]) {
      const oneSided = times(60, (k) => lookUp({ atS: k, source, name: long(k) }).slice(from, from + 1));
      expect(kindsOf(oneSided)).toEqual(['dns-tunnel']);
    }
  });

  it('the client and the resolver that asks on its behalf make one incident', () => {
    const forwarded = times(60, (k) =>
      lookUp({ atS: k * 0.5 + 0.01, source: '10.0.0.53', destination: '198.51.100.53', name: long(k) }),
    );
    expect(kindsOf([...asks(60, long), ...forwarded])).toEqual(['dns-tunnel']);
  });

  it('names the client and the domain', () => {
    expect(incidentsOf(asks(60, long))[0]).toMatchObject({ sources: [source], domain: 'example.com' });
  });
});
