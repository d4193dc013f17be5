import { parseAddress } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { isOutside } from './address-scope.js';

describe('an address', () => {
  it.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.1.1', '172.16.0.1', '172.31.255.1', '192.168.0.1'],
    ...['224.0.0.251', '255.255.255.255', '::1', 'fe80::1', 'fd00::1', 'ff02::fb'],
  ])('%s is inside', (text) => {
    expect(isOutside(parseAddress(text), 0)).toBe(false);
  });

  it.each([
    '9.9.9.9',
    '100.63.0.1',
    '100.128.0.1',
    '169.253.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '192.167.0.1',
    '2001:db8::1',
  ])('%s is outside', (text) => {
    expect(isOutside(parseAddress(text), 0)).toBe(true);
  });
});
