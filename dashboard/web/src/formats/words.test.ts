import { SEVERITIES as CONTRACT_SEVERITIES, FlowOutcome, INCIDENT_KINDS } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import {
  baseName,
  few,
  isFailed,
  kindName,
  outcomeName,
  protocolName,
  SEVERITIES,
  techniqueUrl,
  whoToWhom,
} from './words.js';

describe('words', () => {
  it('exist for every kind and severity of the contract', () => {
    expect(SEVERITIES).toEqual(CONTRACT_SEVERITIES);
    for (const kind of INCIDENT_KINDS) expect(kindName(kind)).toMatch(/^[A-Z][\w -]+$/);
    expect(['arp-spoofing', 'rare-tls-client', 'a-new-one'].map(kindName)).toEqual([
      'ARP spoofing',
      'Rare TLS client',
      'A new one',
    ]);
  });

  it('exist for every outcome of a flow', () => {
    for (const outcome of Object.keys(FlowOutcome)) expect(outcomeName(outcome)).toMatch(/^[a-z ]+$/);
    expect(isFailed('rejected')).toBe(true);
    expect(isFailed('unanswered')).toBe(false);
  });

  it('show what is not known yet as it is written', () => {
    expect(kindName('teapot')).toBe('Teapot');
    expect(protocolName(253)).toBe('protocol 253');
  });

  it('leave out where a file lies', () => {
    expect(baseName('/a/b/capture.pcap.gz')).toBe('capture.pcap.gz');
    expect(baseName('eth0')).toBe('eth0');
  });

  it('shorten long lists', () => {
    expect(few(['a', 'b', 'c'], 2, 'none')).toBe('a, b and 1 more');
    expect(few([], 2, 'none')).toBe('none');
    expect(whoToWhom({ sources: [], targets: ['10.0.0.1'] })).toBe('spoofed or unknown → 10.0.0.1');
    expect(whoToWhom({ sources: [], targets: [] })).toBe('—');
  });

  it('link to a technique only when it is one', () => {
    expect(techniqueUrl('T1046')).toBe('https://attack.mitre.org/techniques/T1046/');
    expect(techniqueUrl('T1110.001')).toBe('https://attack.mitre.org/techniques/T1110/001/');
    expect(techniqueUrl('javascript:alert(1)')).toBeUndefined();
  });
});
