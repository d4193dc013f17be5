import { describe, expect, it } from 'vitest';
import { foundInterfaces, listInterfaces, pickInterface } from './network-interfaces.js';

const address = (text: string, internal: boolean) => ({ address: text, internal }) as never;
const FACTS = {
  addresses: { lo: [address('127.0.0.1', true)], eth1: [address('192.0.2.7', false), address('2001:db8::7', false)] },
  flags: new Map([
    ['lo', 0x9],
    ['eth0', 0x1002],
    ['eth1', 0x1003],
  ]),
};

describe('interfaces', () => {
  it('are listed with addresses and state, those that are down too', () => {
    expect(listInterfaces(FACTS)).toEqual([
      { name: 'lo', addresses: ['127.0.0.1'], isUp: true, isLoopback: true },
      { name: 'eth1', addresses: ['192.0.2.7', '2001:db8::7'], isUp: true, isLoopback: false },
      { name: 'eth0', addresses: [], isUp: false, isLoopback: false },
    ]);
  });

  it('are up where the system gives no flags but an address', () => {
    expect(listInterfaces({ ...FACTS, flags: new Map() })[1]).toMatchObject({ name: 'eth1', isUp: true });
  });

  it('of this machine can be listed without rights', () => {
    expect(() => listInterfaces()).not.toThrow();
  });

  it('are picked by name as given, and by auto the first that is up, addressed and no loopback', () => {
    const interfaces = listInterfaces(FACTS);
    expect(pickInterface('auto', interfaces)).toBe('eth1');
    expect(pickInterface('wlan7', interfaces)).toBe('wlan7');
    expect(() => pickInterface('auto', interfaces.slice(0, 1))).toThrow(
      /no interface is up.*Found: lo\. .*--interface/,
    );
    expect(foundInterfaces([])).toBe('Found: none.');
  });
});
