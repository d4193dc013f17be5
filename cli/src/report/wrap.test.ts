import { describe, expect, it } from 'vitest';
import { wrapText } from './wrap.js';

describe('wrapText', () => {
  it('breaks between words and keeps within the width', () => {
    expect(wrapText('one two three four five six', { columns: 20, indent: 0 })).toBe('one two three four\nfive six');
  });

  it('indents each line and puts a bullet before the first', () => {
    expect(wrapText('alpha beta gamma delta eps', { columns: 24, indent: 3, first: ' - ' })).toBe(
      ' - alpha beta gamma\n   delta eps',
    );
  });

  it('never cuts a word, however narrow the terminal', () => {
    expect(wrapText('2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff scans', { columns: 1 })).toBe(
      '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff\nscans',
    );
    expect(wrapText('', { columns: 10 })).toBe('');
  });
});
