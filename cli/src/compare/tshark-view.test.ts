import { describe, expect, it } from 'vitest';
import { plainName, plainTsharkName } from './dns-name.js';
import { TSHARK_FIELDS, type TsharkField } from './tshark-layers.js';
import { packetOf } from './tshark-view.js';

/** A line as tshark prints it; several values of a field in the order of its layers. */
function line(fields: Partial<Record<TsharkField, string[]>>): string {
  const usual = { 'frame.len': ['100'], 'frame.cap_len': ['100'] };
  const all: Partial<Record<TsharkField, string[]>> = { ...usual, ...fields };
  return TSHARK_FIELDS.map((field) => (all[field] ?? []).join('\x1f')).join('\t');
}

const conversation = (fields: Partial<Record<TsharkField, string[]>>, fragments = new Map<string, string>()) =>
  packetOf(line(fields), fragments).conversation;

describe('a line of tshark', () => {
  it('gives the innermost addresses and ports of a tunnel', () => {
    const fields = {
      'frame.protocols': ['eth:ethertype:ip:udp:vxlan:eth:ethertype:ipv6:tcp'],
      ...{ 'ip.src': ['192.0.2.1'], 'ip.dst': ['192.0.2.2'], 'ip.proto': ['17'] },
      ...{ 'ipv6.src': ['2001:db8::1'], 'ipv6.dst': ['2001:db8::2'], 'ipv6.nxt': ['6'] },
      ...{ 'udp.srcport': ['50000'], 'udp.dstport': ['4789'], 'tcp.srcport': ['443'], 'tcp.dstport': ['40000'] },
    };
    expect(conversation(fields)).toBe('6 [2001:db8::1]:443 [2001:db8::2]:40000');
  });

  it('keeps to the ICMP error and leaves the packet that it quotes', () => {
    const fields = {
      'frame.protocols': ['eth:ethertype:ip:icmp:ip:udp'],
      ...{ 'ip.src': ['192.0.2.1', '192.0.2.2'], 'ip.dst': ['192.0.2.2', '192.0.2.1'], 'ip.proto': ['1', '17'] },
      ...{ 'icmp.type': ['3'], 'icmp.code': ['3'], 'udp.srcport': ['50000'], 'udp.dstport': ['9'] },
    };
    expect(conversation(fields)).toBe('1 192.0.2.1:3 192.0.2.2:3');
  });

  it('gives a later fragment the ports of the first', () => {
    const fragments = new Map<string, string>();
    const both = { 'ip.src': ['192.0.2.1'], 'ip.dst': ['192.0.2.2'], 'ip.proto': ['17'], 'ip.id': ['0x0007'] };
    const ports = { 'udp.srcport': ['53'], 'udp.dstport': ['50000'], 'ip.frag_offset': ['0'] };
    const first = conversation({ ...both, ...ports, 'frame.protocols': ['eth:ethertype:ip:udp:dns'] }, fragments);
    const later = { ...both, 'ip.frag_offset': ['185'], 'frame.protocols': ['eth:ethertype:ip:data'] };
    expect(conversation(later, fragments)).toBe(first);
    expect(conversation(later)).toBe('17 192.0.2.1:0 192.0.2.2:0');
  });

  it('counts each question, and the first record of a message without any', () => {
    const counts = {
      ...{ 'dns.count.queries': ['2', '0'], 'dns.count.answers': ['0', '1'] },
      ...{ 'dns.count.auth_rr': ['0', '0'], 'dns.count.add_rr': ['1', '0'] },
    };
    const names = { 'dns.qry.name': ['A.example', 'b.example'], 'dns.resp.name': ['<Root>', 'c.example'] };
    expect(packetOf(line({ ...counts, ...names }), new Map()).names).toEqual(['a.example', 'b.example', 'c.example']);
  });
});

describe('a name of either', () => {
  it.each([
    ['a\\032b', 'A b'],
    ['\\195\\188', 'ü'],
    ['\\215\\190', '\\u05fe'],
    ['a\\092b', 'A\\\\b'],
    ['\\240\\159\\152\\128', '\\U0001F600'],
    ['', '<Root>'],
  ])('reads %s and %s as the same', (weir, tshark) => {
    expect(plainName(weir)).toBe(plainTsharkName(tshark));
  });
});
