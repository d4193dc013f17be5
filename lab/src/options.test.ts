import { describe, expect, it } from 'vitest';
import { ATTACKS } from './attacks/index.js';
import { parseRequest } from './options.js';

describe('the command line', () => {
  it('runs ten minutes of everything unless told', () => {
    expect(parseRequest([])).toMatchObject({ kind: 'run', minutes: 10, isCompressed: false, seed: 1 });
    expect(parseRequest([])).toMatchObject({ attacks: ATTACKS.map(({ name }) => name) });
  });

  it('compresses a benign day of hours, and no attack', () => {
    expect(parseRequest(['--hours', '6', '--benign-only'])).toMatchObject({
      minutes: 360,
      isCompressed: true,
      attacks: [],
    });
    expect(() => parseRequest(['--hours', '6'])).toThrow('--benign-only');
  });

  it('refuses attacks that do not exist and times that make no sense', () => {
    expect(() => parseRequest(['--only', 'nmap-syn,nmap-sin'])).toThrow('nmap-sin');
    expect(() => parseRequest(['--minutes', '0'])).toThrow('--minutes');
    expect(() => parseRequest(['--minutes', 'x'])).toThrow('"x"');
  });
});
