import { describe, expect, it } from 'vitest';
import { href, hrefWith, parseRoute } from './route.js';

describe('addresses', () => {
  it('name a page, what it is about and its filters', () => {
    const route = parseRoute('#/incidents/a%2Fb?severity=high&severity=low&q=10.0.0.1');
    expect(route).toMatchObject({ page: 'incidents', argument: 'a/b' });
    expect(route.query.getAll('severity')).toEqual(['high', 'low']);
  });

  it('of nothing are the first page', () => {
    for (const hash of ['', '#', '#/']) expect(parseRoute(hash)).toMatchObject({ page: 'now', argument: undefined });
  });

  it('that are broken are taken as written', () => {
    expect(parseRoute('#/hosts/%E0%A4%A').argument).toBe('%E0%A4%A');
  });

  it('are written so that they read back', () => {
    const written = href('hosts', '2001:db8::1/64?#', { q: 'a b&c', empty: '' });
    expect(parseRoute(written)).toMatchObject({ page: 'hosts', argument: '2001:db8::1/64?#' });
    expect(parseRoute(written).query.get('q')).toBe('a b&c');
    expect(parseRoute(written).query.has('empty')).toBe(false);
  });

  it('keep the other filters when one changes', () => {
    const route = parseRoute('#/flows?q=x&protocol=6');
    expect(hrefWith(route, { protocol: undefined, page: '2' })).toBe('#/flows?q=x&page=2');
  });
});
