import { describe, expect, it } from 'vitest';
import { grouped, inWords, nameBelow, nested } from './settings.js';

const setting = (path: string) => ({ path, value: 1, default: 1, unit: '1', description: '' });

describe('settings', () => {
  it('are sent as the part that changed', () => {
    const changes = new Map<string, number>([
      ['host.portScan.failedShare', 0.8],
      ['host.portScan.ports', 40],
      ['flow.idleS', 30],
    ]);
    expect(nested(changes)).toEqual({ host: { portScan: { failedShare: 0.8, ports: 40 } }, flow: { idleS: 30 } });
  });

  it('are shown by detector', () => {
    expect(
      grouped([setting('host.a.x'), setting('host.a.y'), setting('z')]).map(([name, list]) => [name, list.length]),
    ).toEqual([
      ['host.a', 2],
      ['general', 1],
    ]);
  });

  it('stay with their detector however deep they are', () => {
    expect(grouped([setting('host.portScan.ports.high'), setting('host.portScan.share')]).length).toBe(1);
    expect(nameBelow('host.portScan', 'host.portScan.ports.high')).toBe('ports.high');
  });

  it.each([
    ['failedShare', 'failed share'],
    ['dnsTunnel', 'DNS tunnel'],
    ['ports.high', 'ports, high'],
    ['arpTargets', 'ARP targets'],
    ['ports.in10s', 'ports, in 10 s'],
  ])('%s is called %s', (name, words) => expect(inWords(name)).toBe(words));
});
