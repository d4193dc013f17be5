import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { NO_RULES, Rules } from '@weir/functions';
import { afterAll, describe, expect, it } from 'vitest';
import { loadRuleFile, loadRules } from './load-rules.js';

const folder = mkdtempSync(join(tmpdir(), 'weir-rules-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** What is told of a rule file, without the folder and the lines before and after. */
function faultsOf(text: string): string[] {
  try {
    loadRules(written('rules.yaml', text));
  } catch (error) {
    expect((error as Error).name).toBe('UsageError');
    return (error as Error).message.replaceAll(`${folder}/`, '').split('\n').slice(1, -1);
  }
  return [];
}

const threshold = (fields: string) => `thresholds:\n  - name: a\n    description: b\n    window: 60s\n    ${fields}\n`;
const exception = (fields: string) => `exceptions:\n  - description: b\n    ${fields}\n`;
const list = (fields: string) => `lists:\n  - name: a\n    ${fields}\n`;

describe('a rule file', () => {
  it('becomes rules in the form in which they are compared', () => {
    const path = written(
      'all.yaml',
      `
thresholds:
  - name: many-peers
    description: No workstation here talks to so many.
    window: 300s
    hosts: [10.0.0.0/8, '2001:DB8:0::/32']
    when:
      - { measure: peersOut, above: 500, below: 1e6 }
    advice: [Ask the owner.]
exceptions:
  - description: The backup server copies everything at night.
    kinds: [data-exfiltration]
    sources: [10.0.0.5]
    domains: ['*.Example.ORG.']
lists:
  - { name: own, type: domain, entries: [Bad.example, bad.example., bücher.example] }
`,
    );
    const rules = loadRules(path);
    expect(Value.Check(Rules, rules)).toBe(true);
    expect(rules).toEqual({
      thresholds: [
        {
          name: 'many-peers',
          description: 'No workstation here talks to so many.',
          windowS: 300,
          hosts: ['10.0.0.0/8', '2001:db8::/32'],
          when: [{ measure: 'peersOut', above: 500, below: 1e6 }],
          advice: ['Ask the owner.'],
        },
      ],
      exceptions: [
        {
          description: 'The backup server copies everything at night.',
          kinds: ['data-exfiltration'],
          sources: ['10.0.0.5'],
          domains: ['example.org'],
        },
      ],
      lists: [{ name: 'own', type: 'domain', entries: ['bad.example', 'xn--bcher-kva.example'] }],
    });
  });

  it('without anything in it is no rules', () => {
    expect(loadRules(written('empty.yaml', '# later\n'))).toEqual(NO_RULES);
  });

  it('that is no YAML is told with the line', () => {
    expect(faultsOf('thresholds: []\nlists: "x\n')[0]).toMatch(/^rules\.yaml:\d: this is not YAML: /);
    expect(faultsOf('lists: []\nlists: []\n')).toEqual(['rules.yaml:2: this is not YAML: Map keys must be unique.']);
    expect(faultsOf('- a\n')).toEqual(['rules.yaml:1: the file is a list of 1. Expected: fields with their values.']);
  });

  it('that unfolds to something huge is refused', () => {
    const lines = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (const [k, name] of [...'bcdefgh'].entries())
      lines.push(`${name}: &${name} [${Array(9).fill(`*${'abcdefg'[k]}`).join()}]`);
    expect(faultsOf(lines.join('\n'))[0]).toContain('Excessive alias count');
  });

  it('that is not there is told', () => {
    expect(() => loadRules(join(folder, 'none.yaml'))).toThrow(/none\.yaml: it cannot be read: no such file/);
  });

  it('is told with all its faults at once, in the order of its lines', () => {
    const text = `${threshold('when: [{ measure: peers, above: 1 }]')}${exception('kinds: []')}threshold: 1\n`;
    expect(faultsOf(text)).toEqual([
      'rules.yaml:5: thresholds[0].when[0].measure is "peers". There is no such measure. Did you mean peersIn?',
      expect.stringMatching(/^rules\.yaml:8: exceptions\[0\]\.kinds is an empty list\. /),
      'rules.yaml:9: there is no field threshold. Did you mean thresholds?',
    ]);
  });

  it('with a thousand faults tells twenty of them', () => {
    const faults = faultsOf(exception(`sources: [${Array(1000).fill('x1').join(', ')}]`));
    expect(faults).toHaveLength(21);
    expect(faults[20]).toBe('… and 980 more.');
  });
});

describe('a fault', () => {
  const sound = 'when: [{ measure: peersOut, above: 1 }]';
  const cases: [string, string, RegExp][] = [
    ['an unknown field', threshold(`${sound}\n    advise: [x]`), /:6: there is no field thresholds\[0\]\.advise\. Did you mean advice\?/],
    ['an unknown field unlike all', threshold(`${sound}\n    xyzzyx: 1`), /:6: .*There are: .*windo?w/],
    ['a missing field', 'exceptions:\n  - kinds: [beacon]\n', /:2: exceptions\[0\]\.description is missing\./],
    ['an unknown kind', exception('kinds: [port-scna]'), /:3: exceptions\[0\]\.kinds\[0\] is "port-scna"\. Did you mean port-scan\?/],
    ['another window', threshold(sound).replace('60s', '90s'), /:4: .*is "90s"\. .*One of: 10s, 60s, 300s\./],
    ['a bound that is no number', threshold('when: [{ measure: peersOut, above: many }]'), /:5: .*\.above is "many"\. Expected: a number, 0 or more\./],
    ['a condition without a bound', threshold('when: [{ measure: peersOut }]'), /:5: thresholds\[0\]\.when\[0\] has no bound\./],
    ['bounds that nothing keeps', threshold('when: [{ measure: peersOut, above: 5, below: 5 }]'), /:5: .*\.above is 5, and below is 5/],
    ['no conditions', threshold('when: []'), /:5: thresholds\[0\]\.when is an empty list\./],
    ['a name with capitals', threshold(sound).replace('name: a', 'name: A'), /:2: thresholds\[0\]\.name is "A"\. A name of lower-case/],
    ['a name twice', `${list('type: domain\n    entries: [a]')}  - { name: a, type: domain, entries: [b] }\n`, /:5: lists\[1\]\.name is "a", as that of one before/],
    ['a prefix that is too long', threshold(`${sound}\n    hosts: [10.0.0.0/33]`), /:6: thresholds\[0\]\.hosts\[0\] is "10\.0\.0\.0\/33"\. That is not an address/],
    ['an address with a zone', exception("sources: ['fe80::1%eth0']"), /:3: exceptions\[0\]\.sources\[0\] is "fe80::1%eth0"/],
    ['an address that is none', exception("targets: ['10.0.0.256']"), /:3: exceptions\[0\]\.targets\[0\] is "10\.0\.0\.256"/],
    ['a domain that is none', exception('domains: [a..b]'), /:3: exceptions\[0\]\.domains\[0\] is "a\.\.b"\. That is not a domain/],
    ['an exception from everything', exception(''), /:2: exceptions\[0\] would hide everything/],
    ['a list of nothing', list('type: domain'), /:2: lists\[0\] needs either entries or a file/],
    ['a list of both', list('type: domain\n    entries: [a]\n    file: a.txt'), /:2: lists\[0\] needs either entries or a file/],
    ['a column of no table', list('type: domain\n    file: none.txt\n    column: x'), /:5: lists\[0\]\.column is only for a file that ends in \.csv/],
    ['a file that is not there', list('type: domain\n    file: none.txt'), /:4: lists\[0\]\.file is "none\.txt": it cannot be read: no such file/],
    ['a file of another format', list('type: domain\n    file: a.xlsx'), /:4: lists\[0\]\.file is "a\.xlsx": it ends neither in/],
    ['an entry of another type', list('type: ja4\n    entries:\n      - t13d1516h2_8daaf6152771_b186095e22b6\n      - bad.example'), /:6: "bad\.example" is not a JA4 fingerprint/],
    ['an address in a list of domains', list('type: domain\n    entries: [10.0.0.1]'), /:4: "10\.0\.0\.1" is not a domain/],
  ]; // biome-ignore format: a case a line

  it.each(cases)('is told with its line and field: %s', (_, text, expected) => {
    expect(faultsOf(text).join('\n')).toMatch(expected);
  });
});

describe('a list in a file', () => {
  const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
  const load = (type: string, file: string, more = '') =>
    loadRuleFile(written('lists.yaml', list(`type: ${type}\n    file: ${file}\n    ${more}`)), NOW_MS);
  const entriesOf = (...args: Parameters<typeof load>) => load(...args).rules.lists[0]!.entries;

  it('of text has an entry a line, with comments, in the line ends of any system', () => {
    written('a.txt', '\uFEFF# bad\r\n198.51.100.7 # seen in May\r\n\r\n198.51.100.0/24 ; SBL1\r\n198.51.100.7\r\n');
    expect(entriesOf('address', 'a.txt')).toEqual(['198.51.100.7', '198.51.100.0/24']);
  });

  it('of text is told with the lines that are no entries', () => {
    written('bad.txt', '# bad\nfine.example\nno domain\n');
    expect(() => load('domain', 'bad.txt')).toThrow(/bad\.txt:3: "no domain" is not a domain/);
  });

  it('as CSV has the cells of the column, quoted or not', () => {
    written('a.csv', '# a feed\n"first_seen","dst_ip","note"\n"2026, May",198.51.100.7,"a ""b"""\nx,"198.51.100.8"\n');
    expect(entriesOf('address', 'a.csv', 'column: dst_ip')).toEqual(['198.51.100.7', '198.51.100.8']);
  });

  it('as CSV may name its columns in a comment', () => {
    written('c.csv', '# a feed\n# Seen,DstIP,Port\n2026,198.51.100.7,1\n2026,198.51.100.8,1\n');
    expect(entriesOf('address', 'c.csv', 'column: DstIP')).toEqual(['198.51.100.7', '198.51.100.8']);
  });

  it('as CSV is told without its column, or with another, or with a cell that is no entry', () => {
    written('d.csv', 'seen,ip\n2026,198.51.100.7\n2026,\n');
    expect(() => load('address', 'd.csv')).toThrow(/d\.csv: this is CSV: say which column/);
    expect(() => load('address', 'd.csv', 'column: dst_ip')).toThrow(/no column "dst_ip"\. There are: seen, ip\./);
    expect(() => load('address', 'd.csv', 'column: ip')).toThrow(/d\.csv:3: "" is not an address/);
  });

  const indicator = (pattern: string, more: object = {}) => ({
    type: 'indicator',
    pattern_type: 'stix',
    pattern,
    ...more,
  });
  const bundle = (...objects: object[]) =>
    written('s.json', JSON.stringify({ type: 'bundle', id: 'bundle--1', objects }));

  it('as STIX 2.1 gives the entries of its type, and counts what is left out', () => {
    bundle(
      { type: 'identity', name: 'somebody' },
      indicator("[ipv4-addr:value = '198.51.100.7']"),
      indicator("[ipv4-addr:value = '198.51.100.8' OR ipv6-addr:value = '2001:DB8::8']"),
      indicator("[ipv4-addr:value ISSUBSET '203.0.113.0/24'] OR [ipv4-addr:value = '203.0.114.1']"),
      indicator("[url:value = 'http://198.51.100.9:8080/x']", { valid_until: '2026-01-01T00:00:01Z' }),
      indicator("[domain-name:value = 'bad.example']"),
      indicator("[ipv4-addr:value = '192.0.2.1'] AND [ipv4-addr:value = '192.0.2.2']"),
      indicator("[network-traffic:dst_ref.value = '192.0.2.3']"),
      indicator("[ipv4-addr:value = '192.0.2.4']", { revoked: true }),
      indicator("[ipv4-addr:value = '192.0.2.5']", { valid_until: '2026-01-01T00:00:00Z' }),
      indicator('alert ip any any', { pattern_type: 'snort' }),
    );
    const { rules, leftOut } = load('address', 's.json');
    expect(rules.lists[0]!.entries).toEqual([
      '198.51.100.7',
      '198.51.100.8',
      '2001:db8::8',
      '203.0.113.0/24',
      '203.0.114.1',
      '198.51.100.9',
    ]);
    expect(leftOut).toEqual([6]);
  });

  it('as STIX 2.1 gives domains, of names and of pages', () => {
    bundle(
      indicator("[domain-name:value = 'bad.example']"),
      indicator("[url:value = 'https://worse.example/x?y=\\'']"),
    );
    expect(entriesOf('domain', 's.json')).toEqual(['bad.example', 'worse.example']);
  });

  it('as STIX 2.1 is told with the line and the name of the object that is wrong', () => {
    const objects = [
      { type: 'relationship', source_ref: 'indicator--2' },
      indicator("[domain-name:value = 'fine.example']", { id: 'indicator--1' }),
      indicator("[domain-name:value = 'not a domain']", { id: 'indicator--2' }),
      indicator("[domain-name:value = 'a.example']", { id: 'indicator--3', valid_until: 'soon' }),
      indicator("[domain-name:value = 'b c']"),
    ];
    const lines = objects.map((object) => JSON.stringify(object)).join(',\n');
    written('s.json', `{"type": "bundle", "objects": [\n${lines}\n]}`);
    expect(() => load('domain', 's.json')).toThrow(/s\.json:4: "not a domain" of indicator--2 is not a domain/);
    expect(() => load('domain', 's.json')).toThrow(
      /s\.json:5: valid_until of indicator--3 is "soon"\. Expected a time/,
    );
    expect(() => load('domain', 's.json')).toThrow(/s\.json: "b c" of objects\[4\] is not a domain/);
  });

  it('is not read on when all lists together are too long', () => {
    const names = (letter: string) => Array.from({ length: 700_000 }, (_, k) => `${letter}${k}`).join('\n');
    for (const letter of 'abc') written(`${letter}.txt`, names(letter));
    const lists = [...'abcd'].map((letter) => `  - { name: ${letter}, type: domain, file: ${letter}.txt }\n`).join('');
    const path = written('long.yaml', `lists:\n${lists}`);
    // The fourth is not even looked for.
    expect(() => loadRuleFile(path, NOW_MS)).toThrow(
      /cannot be used:\n\S*long\.yaml:4: lists\[2\] makes more than 2000000 entries of all lists together\. .*\nAll fields/,
    );
  });

  it('as JSON that is no STIX 2.1 bundle is told', () => {
    for (const broken of ['\n\n}', '\n{"a": 1,}\n]}', '\n']) {
      written('s.json', `{"type": "bundle",\n"objects": [${broken}`);
      expect(() => load('address', 's.json')).toThrow(/s\.json:[34]: this is not JSON: /);
    }
    written('s.json', '["198.51.100.7"]');
    expect(() => load('address', 's.json')).toThrow(/s\.json: this is no STIX 2\.1 bundle/);
    written('s.json', 'null');
    expect(() => load('address', 's.json')).toThrow(/s\.json: this is no STIX 2\.1 bundle/);
  });
});
