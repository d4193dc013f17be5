import { describe, expect, it } from 'vitest';
import { addressesIn, startComplaint } from './guard.js';

const closed = {
  links: [{ ifname: 'lo' }, { ifname: 'eth0' }],
  routes: [
    { dst: '10.77.0.0/24', dev: 'eth0' },
    { dst: '203.0.113.0/24', dev: 'eth0' },
  ],
};

describe('the guard', () => {
  it('lets a program speak to the laboratory', () => {
    expect(startComplaint(closed, ['nmap', '-sS', '10.77.0.80', '10.77.0.0/24'])).toBeUndefined();
    expect(startComplaint(closed, ['curl', 'http://198.51.100.11:8080/a?b=1.2.3'])).toBeUndefined();
  });

  it('refuses an address that is not of the laboratory, wherever it stands in an argument', () => {
    expect(startComplaint(closed, ['nmap', '192.168.1.1'])).toContain('192.168.1.1');
    expect(startComplaint(closed, ['curl', 'https://user@10.78.0.1:443/'])).toContain('10.78.0.1');
    expect(startComplaint(closed, ['atk6-x', '2a00::1'])).toContain('2a00::1');
  });

  it('refuses a namespace with a way out', () => {
    const open = { ...closed, routes: [...closed.routes, { dst: 'default', dev: 'eth0' }] };
    expect(startComplaint(open, ['true'])).toContain('default');
    const wide = { ...closed, routes: [{ dst: '10.77.0.0/16', dev: 'eth0' }] };
    expect(startComplaint(wide, ['true'])).toContain('10.77.0.0/16');
    const bridged = { ...closed, links: [...closed.links, { ifname: 'wlan0' }] };
    expect(startComplaint(bridged, ['true'])).toContain('wlan0');
  });

  it('finds addresses inside other text', () => {
    expect(addressesIn('--server=/x.example/10.77.0.53')).toEqual(['10.77.0.53']);
    expect(addressesIn('2001:db8:1::/64')).toEqual(['2001:db8:1::']);
    expect(addressesIn('12:30:45 v1.2.3')).toEqual([]);
  });
});
