import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type ApiToken, ROLES, type Role, type TokenScope, type User } from '@weir/contracts/dashboard-api';
import type { Database } from '../store/database.js';
import { hashPassword, isPassword, makePassword } from './passwords.js';

/** How long a session lasts, ms. */
const SESSION_MS = 12 * 3_600_000;
/** Sessions and tokens remembered between questions to the database. */
const MOST_CACHED = 10_000;
const LAST_USED_STEP_MS = 60_000;

/** Who is asking, and what they may do. */
export interface Identity {
  readonly kind: 'session' | 'token';
  /** User, or `token/NAME`. */
  readonly name: string;
  readonly role: Role;
  readonly scopes: ReadonlySet<TokenScope>;
  readonly expiresAtMs: number;
  readonly mustChangePassword: boolean;
  readonly login: 'password' | 'link';
  /** Of the session or token; to end it, and to count its requests. */
  readonly digest: string;
}

const OPERATOR_SCOPES: readonly TokenScope[] = ['read', 'triage', 'control', 'analyse'];
const SCOPES_OF: Readonly<Record<Role, readonly TokenScope[]>> = {
  viewer: ['read'],
  operator: OPERATOR_SCOPES,
  admin: [...OPERATOR_SCOPES, 'admin'],
};

/** Digest under which a secret is kept: whoever reads the database cannot log in with it. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** The token that changing requests of a session must carry; follows from the cookie, which a page cannot read. */
export function csrfTokenOf(sessionSecret: string): string {
  return createHmac('sha256', sessionSecret).update('weir csrf').digest('base64url');
}

/** Whether two texts are equal, in a time that does not tell where they differ. */
export function isSame(a: string, b: string): boolean {
  const [x, y] = [digestOf(a), digestOf(b)];
  return timingSafeEqual(Buffer.from(x), Buffer.from(y));
}

/** Users, sessions and API tokens. */
export class Accounts {
  private readonly cache = new Map<string, Identity>();
  /** Counts the changes after which what was read before may not hold. */
  private changes = 0;

  constructor(
    private readonly database: Database,
    private readonly nowMs: () => number,
    private readonly passwordCostLog2: number,
  ) {}

  /** Makes the first administrator when there is no user yet; gives the password to print once. */
  async ensureAdmin(): Promise<string | undefined> {
    const [{ n }] = (await this.database.rows<{ n: number }>('SELECT count(*) AS n FROM users')) as [{ n: number }];
    if (n > 0) return undefined;
    const password = makePassword();
    await this.addUser({ name: 'admin', role: 'admin', password }, true);
    return password;
  }

  async users(): Promise<User[]> {
    const rows = await this.database.rows<{
      name: string;
      role: Role;
      created_at: number;
      last_login_at: number | null;
    }>('SELECT name, role, created_at, last_login_at FROM users ORDER BY name');
    return rows.map(({ name, role, created_at, last_login_at }) => ({
      name,
      role,
      createdAtMs: created_at,
      ...(last_login_at === null ? {} : { lastLoginAtMs: last_login_at }),
    }));
  }

  /** Adds a user; false when the name is taken. */
  async addUser(user: { name: string; role: Role; password: string }, mustChange = false): Promise<boolean> {
    const password = await hashPassword(user.password, this.passwordCostLog2);
    const added = await this.database.write((transaction) =>
      transaction.rows(
        'INSERT INTO users VALUES ($1, $2, $3, $4, $5, NULL) ON CONFLICT (name) DO NOTHING RETURNING name',
        [user.name, user.role, password, mustChange, this.nowMs()],
      ),
    );
    return added.length > 0;
  }

  /** Changes role or password; ends the user's sessions. False when there is no such user. */
  async changeUser(
    name: string,
    change: { role?: Role | undefined; password?: string | undefined; mustChange?: boolean },
  ) {
    const password = change.password === undefined ? null : await hashPassword(change.password, this.passwordCostLog2);
    const changed = await this.database.write((transaction) =>
      transaction.rows(
        `UPDATE users SET role = coalesce($2, role), password = coalesce($3, password),
           must_change = CASE WHEN $3 IS NULL THEN must_change ELSE $4 END WHERE name = $1 RETURNING name`,
        [name, change.role ?? null, password, change.mustChange ?? true],
      ),
    );
    await this.endSessionsOf(name);
    return changed.length > 0;
  }

  /** Removes a user with sessions and tokens. False when there is no such user. */
  async removeUser(name: string): Promise<boolean> {
    const removed = await this.database.write(async (transaction) => {
      await transaction.rows('DELETE FROM tokens WHERE owner = $1', [name]);
      return transaction.rows('DELETE FROM users WHERE name = $1 RETURNING name', [name]);
    });
    await this.endSessionsOf(name);
    return removed.length > 0;
  }

  /** Whether the password is the user's. */
  async isPasswordOf(name: string, password: string): Promise<boolean> {
    const [row] = await this.database.rows<{ password: string }>('SELECT password FROM users WHERE name = $1', [name]);
    return isPassword(password, row?.password);
  }

  /** Begins a session; gives the secret for the cookie. */
  async beginSession(name: string, login: 'password' | 'link'): Promise<string> {
    const secret = randomBytes(32).toString('base64url');
    const nowMs = this.nowMs();
    await this.database.write(async (transaction) => {
      await transaction.rows('DELETE FROM sessions WHERE expires_at < $1', [nowMs]);
      await transaction.rows('UPDATE users SET last_login_at = $2 WHERE name = $1', [name, nowMs]);
      await transaction.rows('INSERT INTO sessions VALUES ($1, $2, $3, $4)', [
        digestOf(secret),
        name,
        login,
        nowMs + SESSION_MS,
      ]);
    });
    return secret;
  }

  async endSession(digest: string): Promise<void> {
    await this.database.write((transaction) => transaction.rows('DELETE FROM sessions WHERE digest = $1', [digest]));
    this.forget();
  }

  async endSessionsOf(name: string): Promise<void> {
    await this.database.write((transaction) => transaction.rows('DELETE FROM sessions WHERE name = $1', [name]));
    this.forget();
  }

  /** Who holds the secret of a session, or undefined. */
  bySession(secret: string): Promise<Identity | undefined> {
    return this.sessionByDigest(digestOf(secret));
  }

  private sessionByDigest(key: string): Promise<Identity | undefined> {
    return this.cached(key, async (digest) => {
      const [row] = await this.database.rows<SessionRow>(
        `SELECT s.name, s.login, s.expires_at, u.role, u.must_change FROM sessions s LEFT JOIN users u ON u.name = s.name
         WHERE s.digest = $1`,
        [digest],
      );
      return row && sessionIdentity(row, digest);
    });
  }

  /** Who holds the secret of an API token, or undefined. */
  byToken(secret: string): Promise<Identity | undefined> {
    return this.tokenByDigest(digestOf(secret));
  }

  private tokenByDigest(key: string): Promise<Identity | undefined> {
    return this.cached(key, async (digest) => {
      const [row] = await this.database.rows<TokenRow>(
        'SELECT t.*, u.role FROM tokens t LEFT JOIN users u ON u.name = t.owner WHERE digest = $1',
        [digest],
      );
      return row && tokenIdentity(row);
    });
  }

  /** Whether a session or token is still good. */
  async isValid({ digest, kind }: Identity): Promise<boolean> {
    return (await (kind === 'session' ? this.sessionByDigest(digest) : this.tokenByDigest(digest))) !== undefined;
  }

  async tokens(): Promise<ApiToken[]> {
    const rows = await this.database.rows<TokenRow>('SELECT * FROM tokens ORDER BY created_at DESC, id');
    return rows.map(tokenOf);
  }

  async addToken(token: { name: string; owner: string; scopes: readonly TokenScope[]; days: number }) {
    const secret = `weir_${randomBytes(32).toString('base64url')}`;
    const nowMs = this.nowMs();
    const row: TokenRow = {
      id: randomBytes(9).toString('base64url'), digest: digestOf(secret), name: token.name, owner: token.owner,
      scopes: token.scopes.join(' '), created_at: nowMs, expires_at: nowMs + token.days * 86_400_000, last_used_at: null,
      role: null,
    }; // biome-ignore format: columns in few lines
    await this.database.write((transaction) =>
      transaction.rows('INSERT INTO tokens VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)', [
        row.id, row.digest, row.name, row.owner, row.scopes, row.created_at, row.expires_at,
      ]),
    ); // biome-ignore format: columns in few lines
    return { token: tokenOf(row), secret };
  }

  async removeToken(id: string): Promise<boolean> {
    const removed = await this.database.write((transaction) =>
      transaction.rows('DELETE FROM tokens WHERE id = $1 RETURNING id', [id]),
    );
    this.forget();
    return removed.length > 0;
  }

  /** Notes that a token was used, at most once a minute each. */
  async noteUse(digest: string): Promise<void> {
    const nowMs = this.nowMs();
    await this.database.write((transaction) =>
      transaction.rows('UPDATE tokens SET last_used_at = $2 WHERE digest = $1 AND coalesce(last_used_at, 0) < $3', [
        digest,
        nowMs,
        nowMs - LAST_USED_STEP_MS,
      ]),
    );
  }

  /** To be called when a change is kept. What is being read at that time may be of before, and is not remembered. */
  private forget(): void {
    this.cache.clear();
    this.changes++;
  }

  private async cached(digest: string, find: (digest: string) => Promise<Identity | undefined>) {
    let identity = this.cache.get(digest);
    if (!identity) {
      const { changes } = this;
      identity = await find(digest);
      if (this.cache.size >= MOST_CACHED) this.cache.clear();
      if (identity && changes === this.changes) this.cache.set(digest, identity);
    }
    return identity && identity.expiresAtMs > this.nowMs() ? identity : undefined;
  }
}

interface SessionRow {
  readonly name: string;
  readonly login: 'password' | 'link';
  readonly expires_at: number;
  readonly role: Role | null;
  readonly must_change: boolean | null;
}

interface TokenRow {
  readonly id: string;
  readonly digest: string;
  readonly name: string;
  readonly owner: string;
  readonly scopes: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly last_used_at: number | null;
  /** Of the owner; null for whoever came by the link. */
  readonly role: Role | null;
}

/** A session by link belongs to no user: it is the administrator at the terminal. */
function sessionIdentity({ name, login, expires_at, role, must_change }: SessionRow, digest: string) {
  const own = login === 'link' ? 'admin' : role;
  if (own === null) return undefined;
  const rights = { role: own, scopes: new Set(SCOPES_OF[own]), mustChangePassword: must_change === true };
  return { kind: 'session', name, ...rights, expiresAtMs: expires_at, login, digest } as const;
}

/** A token may do what it was given, as long as its owner may. */
function tokenIdentity(row: TokenRow): Identity {
  const given = row.scopes.split(' ') as TokenScope[];
  const owned = SCOPES_OF[row.role ?? 'admin'];
  const scopes = new Set(given.filter((scope) => owned.includes(scope)));
  const role = [...ROLES].reverse().find((each) => SCOPES_OF[each].every((scope) => scopes.has(scope))) ?? 'viewer';
  return {
    kind: 'token', name: `token/${row.name}`, role, scopes, expiresAtMs: row.expires_at, mustChangePassword: false,
    login: 'password', digest: row.digest,
  }; // biome-ignore format: fields in few lines
}

function tokenOf({ id, name, owner, scopes, created_at, expires_at, last_used_at }: TokenRow): ApiToken {
  return {
    id, name, owner, scopes: scopes.split(' ') as TokenScope[], createdAtMs: created_at, expiresAtMs: expires_at,
    ...(last_used_at === null ? {} : { lastUsedAtMs: last_used_at }),
  }; // biome-ignore format: fields in few lines
}
