import { parseAddress } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { AddressBlocks } from './address-blocks.js';

describe('blocks of addresses', () => {
  const blocks = new AddressBlocks(['192.0.2.7', '10.0.0.0/8', '10.1.2.0/30', '2001:db8::/33', '::1']);

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.8', undefined],
    ['10.255.0.1', '10.0.0.0/8'],
    ['11.0.0.1', undefined],
    ['2001:db8:7fff::1', '2001:db8::/33'],
    ['2001:db8:8000::1', undefined],
    ['::1', '::1'],
    ['0.0.0.1', undefined],
  ])('find %s in %s', (address, block) => {
    const words = new Uint32Array([0, ...new Uint32Array(parseAddress(address).buffer)]);
    expect(blocks.find(words, 1)).toBe(block);
    expect(blocks.findText(address)).toBe(block);
  });

  it('hold everything with a prefix of no bits', () => {
    expect(new AddressBlocks(['::/0']).findText('198.51.100.1')).toBe('::/0');
    expect(new AddressBlocks(['0.0.0.0/0']).findText('2001:db8::1')).toBeUndefined();
  });

  it('take a block for its first address, and no other text for any', () => {
    expect(blocks.findText('10.0.0.0/24')).toBe('10.0.0.0/8');
    expect(blocks.findText('example.org')).toBeUndefined();
  });

  it.each([
    '10.0.0.0/33',
    '10.0.0.0/x',
    '10.0.0/8',
    '2001:db8::/129',
    'example.org',
    '10.0.0.256',
    '1.2.3.4.5',
    '1..2.3',
  ])('refuse %s', (text) => {
    expect(() => new AddressBlocks([text])).toThrow(`"${text.startsWith('10.0.0/') ? '10.0.0' : text}"`);
  });
});
