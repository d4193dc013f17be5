import { describe, expect, it } from 'vitest';
import { Exceptions } from './exceptions.js';
import type { RuleException } from './rules.js';

const alert = {
  kind: 'data-exfiltration' as const,
  sources: ['10.0.0.5'],
  targets: ['198.51.100.7', '198.51.100.8'],
  domain: 'files.example.org',
};
const covers = (exception: Omit<RuleException, 'description'>) =>
  new Exceptions([{ description: 'a test', ...exception }]).cover(alert);

describe('an exception', () => {
  it.each([
    [{ kinds: ['beacon', 'data-exfiltration'] }, true],
    [{ kinds: ['beacon'] }, false],
    [{ sources: ['10.0.0.0/24'] }, true],
    [{ sources: ['10.0.1.0/24'] }, false],
    [{ targets: ['198.51.100.0/24'] }, true],
    [{ targets: ['198.51.100.7'] }, false],
    [{ domains: ['example.org'] }, true],
    [{ domains: ['ample.org'] }, false],
    [{ kinds: ['data-exfiltration'], sources: ['10.0.0.5'], targets: ['198.51.100.0/24'] }, true],
    [{ kinds: ['data-exfiltration'], sources: ['10.0.0.6'] }, false],
    [{}, false],
  ] as [Omit<RuleException, 'description'>, boolean][])(
    '%j covers only what fits all that it names',
    (exception, is) => {
      expect(covers(exception)).toBe(is);
    },
  );

  it('about targets does not cover what names none', () => {
    const exceptions = new Exceptions([{ description: 'a test', targets: ['::/0'] }]);
    expect(exceptions.cover({ ...alert, targets: [] })).toBe(false);
  });
});
