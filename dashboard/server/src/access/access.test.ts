import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEST_SETTINGS, TestDashboard } from '../dashboard.fixture.js';
import { anIncident } from '../events.fixture.js';
import { checkSettings } from '../settings.js';
import type { Database } from '../store/database.js';
import { Accounts } from './accounts.js';
import { hashPassword, isPassword, makePassword } from './passwords.js';

describe('passwords', () => {
  it('are kept as salted scrypt hashes, and only the right one fits', async () => {
    const [one, two] = [await hashPassword('correct horse'), await hashPassword('correct horse', 8)];
    expect(one).toMatch(/^scrypt\$32768\$8\$3\$/);
    expect(await isPassword('correct horse', two)).toBe(true);
    expect(await isPassword('correct horse', one)).toBe(true);
    expect(await isPassword('wrong', one)).toBe(false);
    expect(await isPassword('correct horse', undefined)).toBe(false);
    expect(makePassword()).toMatch(/^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/);
    expect(makePassword()).not.toBe(makePassword());
  });
});

describe('a session that ends while it is being asked for', () => {
  const row = {
    name: 'admin',
    login: 'password',
    expires_at: Number.MAX_SAFE_INTEGER,
    role: 'admin',
    must_change: false,
  };

  /** Users in a database that answers what it was asked only when `tell` is called. */
  function asked() {
    const waiting: ((rows: object[]) => void)[] = [];
    const rows = () => new Promise<object[]>((resolve) => waiting.push(resolve));
    const transaction = { rows: async () => [{ id: 'x' }] };
    const write = async (work: (queries: typeof transaction) => Promise<unknown>) => work(transaction);
    const accounts = new Accounts({ rows, write } as unknown as Database, () => 0, 8);
    return { accounts, tell: (found: object[]) => waiting.shift()?.(found) };
  }

  it.each([
    ['by a log-out', (accounts: Accounts) => accounts.endSession('any')],
    ['as its user changes', (accounts: Accounts) => accounts.endSessionsOf('admin')],
    ['as a token is removed', (accounts: Accounts) => accounts.removeToken('x')],
  ])('%s is not remembered as good', async (_, end) => {
    const { accounts, tell } = asked();
    const before = accounts.bySession('secret');
    await end(accounts);
    tell([row]);
    await before;
    const after = accounts.bySession('secret');
    tell([]);
    expect(await after).toBeUndefined();
  });
});

describe('where the server listens', () => {
  it.each([
    ['on loopback', { host: '127.0.0.1' }, true],
    ['beyond without login', { host: '0.0.0.0' }, false],
    ['beyond with login, without TLS', { host: '0.0.0.0', login: 'password' }, false],
    ['beyond with both', { host: '0.0.0.0', login: 'password', tls: { certPath: 'a', keyPath: 'b' } }, true],
    ['beyond, told twice', { host: '0.0.0.0', allowInsecure: true }, true],
  ] as const)('%s is allowed or refused with the remedy', (_, change, isAllowed) => {
    const check = () => checkSettings({ ...TEST_SETTINGS, ...change });
    if (isAllowed) expect(check).not.toThrow();
    else expect(check).toThrow(/127\.0\.0\.1.*explicitly/s);
  });
});

describe('the link of the terminal', () => {
  let test: TestDashboard;
  beforeAll(async () => {
    test = await TestDashboard.start();
  });
  afterAll(() => test.stop());

  it('lets in once, by a cookie that pages cannot read; a second time the terminal shows another', async () => {
    const url = test.said[0]!.url!;
    const path = url.slice(url.indexOf('/start'));
    const first = await test.raw({ method: 'GET', url: path });
    expect(first.statusCode).toBe(303);
    expect(first.headers.location).toBe('/');
    expect(first.headers['set-cookie']).toMatch(/^weir_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    test.cookie = '';
    const second = await test.raw({ method: 'GET', url: path });
    expect(second.headers.location).toBe('/?link=spent');
    expect(second.headers['set-cookie']).toBeUndefined();
    expect(test.said).toHaveLength(2);
    await test.followLink();
    expect((await test.call('GET', 'session')).json()).toMatchObject({ kind: 'user', name: 'local', role: 'admin' });
  });

  it('is the only way in', async () => {
    expect((await test.logIn('admin', 'whatever')).statusCode).toBe(409);
    expect((await test.call('GET', 'users')).statusCode).toBe(401);
  });
});

describe('with a login', () => {
  let test: TestDashboard;
  const next = 'a new password 1';
  beforeAll(async () => {
    test = await TestDashboard.start({ login: 'password' });
    test.bus.push({ kind: 'incident', incident: anIncident() });
    await test.settle();
  });
  afterAll(() => test.stop());

  const admin = () => test.logIn('admin', next);

  it('the first password is shown once, and must be changed before anything else', async () => {
    const { kind, password = '' } = test.said[0]!;
    expect(kind).toBe('first-password');
    expect((await test.logIn('admin', password)).json()).toMatchObject({ mustChangePassword: true });
    expect((await test.call('GET', 'incidents')).statusCode).toBe(403);
    expect((await test.call('PUT', 'account/password', { current: 'x', next })).statusCode).toBe(403);
    expect((await test.call('PUT', 'account/password', { current: password, next: 'short' })).statusCode).toBe(400);
    const changed = await test.call('PUT', 'account/password', { current: password, next });
    expect(changed.json()).toMatchObject({ mustChangePassword: false });
    expect((await test.call('GET', 'incidents')).statusCode).toBe(200);
  });

  it('nobody gets in without one, whoever they say they are', async () => {
    test.cookie = '';
    for (const path of ['incidents', 'overview', 'audit', 'export/incidents', 'live']) {
      expect((await test.call('GET', path)).statusCode).toBe(401);
    }
    expect((await test.logIn('admin', 'wrong password')).statusCode).toBe(401);
    expect((await test.logIn('nobody', 'wrong password')).json().message).toBe('Name or password is wrong.');
    const forged = { cookie: `weir_session=${'A'.repeat(43)}`, authorization: '' };
    expect(
      (await test.raw({ method: 'GET', url: '/api/v1/incidents', headers: { cookie: forged.cookie } })).statusCode,
    ).toBe(401);
  });

  it('roles allow what they should, and no more', async () => {
    await admin();
    for (const role of ['viewer', 'operator']) {
      await test.call('POST', 'users', { name: role, role, password: 'correct horse battery' });
      await test.call('PATCH', `users/${role}`, { role });
    }
    const asked = async (name: string) => {
      await test.logIn(name, 'correct horse battery');
      const triage = await test.call('PATCH', 'incidents/scan-1/triage', { status: 'acknowledged' });
      const control = await test.call('POST', 'controls', { kind: 'capture-stop', sensor: 'local' });
      const [list, audit, users] = await Promise.all(
        ['incidents', 'audit', 'users'].map((path) => test.call('GET', path)),
      );
      return [list, triage, control, audit, users].map((answer) => answer!.statusCode);
    };
    expect(await asked('viewer')).toEqual([200, 403, 403, 403, 403]);
    expect(await asked('operator')).toEqual([200, 200, 202, 200, 403]);
  });

  it('the last administrator stays', async () => {
    await admin();
    expect((await test.call('DELETE', 'users/admin')).statusCode).toBe(409);
    expect((await test.call('PATCH', 'users/admin', { role: 'viewer' })).statusCode).toBe(409);
  });

  it('a changed request needs the token of the session, and a page of the same origin', async () => {
    await admin();
    const url = '/api/v1/incidents/scan-1/triage';
    const request = { method: 'PATCH', url, payload: { status: 'new' } } as const;
    expect((await test.raw(request)).statusCode).toBe(403);
    expect((await test.raw({ ...request, headers: { 'x-weir-csrf': 'wrong' } })).statusCode).toBe(403);
    const evil = { 'x-weir-csrf': test.csrf, origin: 'https://evil.example' };
    expect((await test.raw({ ...request, headers: evil })).statusCode).toBe(403);
    const own = { 'x-weir-csrf': test.csrf, origin: 'http://127.0.0.1' };
    expect((await test.raw({ ...request, headers: own })).statusCode).toBe(200);
  });

  it('a name that was pointed at this machine is refused', async () => {
    const answer = await test.raw({ method: 'GET', url: '/api/v1/version', headers: { host: 'evil.example:8080' } });
    expect(answer.statusCode).toBe(403);
    for (const host of ['localhost:1', '127.0.0.1:9', '[::1]:8080']) {
      expect((await test.raw({ method: 'GET', url: '/api/v1/version', headers: { host } })).statusCode).toBe(200);
    }
  });

  it('API tokens do what their scopes say, without a cookie, until they are taken back', async () => {
    await admin();
    const made = (await test.call('POST', 'tokens', { name: 'siem', scopes: ['read'], days: 1 })).json();
    const headers = { authorization: `Bearer ${made.secret}`, cookie: '' };
    const get = () => test.raw({ method: 'GET', url: '/api/v1/incidents', headers });
    expect((await get()).statusCode).toBe(200);
    const change = {
      method: 'PATCH',
      url: '/api/v1/incidents/scan-1/triage',
      payload: { status: 'new' },
      headers,
    } as const;
    expect((await test.raw(change)).statusCode).toBe(403);
    expect(JSON.stringify((await test.call('GET', 'tokens')).json())).not.toContain(made.secret);
    expect((await test.call('DELETE', `tokens/${made.token.id}`)).statusCode).toBe(204);
    expect((await get()).statusCode).toBe(401);
  });

  it('a session ends when one logs out, and when the user is removed', async () => {
    await test.logIn('viewer', 'correct horse battery');
    const { cookie } = test;
    await admin();
    expect((await test.call('DELETE', 'users/viewer')).statusCode).toBe(204);
    expect((await test.raw({ method: 'GET', url: '/api/v1/incidents', headers: { cookie } })).statusCode).toBe(401);
    const own = test.cookie;
    expect((await test.call('DELETE', 'session')).statusCode).toBe(204);
    expect((await test.raw({ method: 'GET', url: '/api/v1/incidents', headers: { cookie: own } })).statusCode).toBe(
      401,
    );
  });

  it('everything was written down, without secrets', async () => {
    await guessUntilRefused();
    const rows = await test.dashboard.parts.history.database.rows<{ action: string; details: string }>('SELECT * FROM audit');
    const actions = new Set(rows.map(({ action }) => action));
    for (const action of [
      'session.begin', 'session.refused', 'session.end', 'account.password', 'user.add', 'user.change', 'user.remove',
      'token.add', 'token.remove', 'triage.change', 'control.capture-stop',
    ]) expect(actions).toContain(action);
    expect(JSON.stringify(rows)).not.toMatch(/correct horse|a new password|weir_[\w-]{43}/);
  }); // biome-ignore format: a list to read

  /** Guessing from one address comes to an end. */
  async function guessUntilRefused(): Promise<void> {
    let answer = await test.logIn('admin', 'guess', '10.2.2.2');
    for (let i = 0; i < 10; i++) answer = await test.logIn('admin', 'guess', '10.2.2.2');
    expect(answer.statusCode).toBe(429);
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
  }
});
