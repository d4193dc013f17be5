import { Type } from '@sinclair/typebox';
import {
  ApiTokenList,
  AuditPage,
  AuditQuery,
  LoginBody,
  NewToken,
  NewTokenBody,
  NewUserBody,
  PasswordBody,
  Session,
  User,
  UserChangeBody,
  UserList,
  UserName,
} from '@weir/contracts/dashboard-api';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { csrfTokenOf, type Identity } from '../access/accounts.js';
import { checkOrigin, sessionCookie } from '../http/gate.js';
import { addRoute, IdParams } from '../http/route.js';
import type { Parts } from '../parts.js';
import { RequestError } from '../ports.js';

const LOGINS_PER_MINUTE = 10;
const NameParams = Type.Object({ name: UserName });

/** Session, users, API tokens and the audit log. */
export function accessRoutes(app: FastifyInstance, parts: Parts): void {
  sessionRoutes(app, parts);
  linkRoute(app, parts);
  userRoutes(app, parts);
  tokenRoutes(app, parts);
  addRoute(app, {
    method: 'GET', path: 'audit', needs: 'triage', summary: 'Who did what', query: AuditQuery, answer: AuditPage,
    handle: ({ query }) => parts.audit.page(query),
  }); // biome-ignore format: short
}

function sessionRoutes(app: FastifyInstance, parts: Parts): void {
  const { accounts, audit, settings } = parts;
  const { name: cookieName } = sessionCookie(parts);
  addRoute(app, {
    method: 'GET', path: 'session', needs: 'public', summary: 'Who is asking', answer: Session,
    handle: async ({ identity, request }) => sessionOf(identity, request.cookies[cookieName] ?? '', settings.login),
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'POST', path: 'session', needs: 'public', summary: 'Log in', body: LoginBody, answer: Session,
    perMinute: LOGINS_PER_MINUTE,
    handle: async ({ body: { name, password }, request, reply }) => {
      checkOrigin(request);
      if (settings.login === 'link') {
        throw new RequestError(409, 'There is no login here: open the link that Weir printed in the terminal.');
      }
      if (!(await accounts.isPasswordOf(name, password))) {
        await audit.note({ who: name, action: 'session.refused', from: request.ip });
        throw new RequestError(401, 'Name or password is wrong.');
      }
      const secret = await beginSession(parts, reply, name, 'password');
      await audit.note({ who: name, action: 'session.begin', from: request.ip });
      return sessionOf(await accounts.bySession(secret), secret, settings.login);
    },
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'DELETE', path: 'session', needs: 'read', summary: 'Log out', beforePasswordChange: true,
    handle: async ({ identity, who, request, reply }) => {
      if (identity?.kind === 'session') await accounts.endSession(identity.digest);
      reply.clearCookie(cookieName, { path: '/' });
      await audit.note({ who, action: 'session.end', from: request.ip });
      return undefined;
    },
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'PUT', path: 'account/password', needs: 'read', summary: 'Change one’s own password', body: PasswordBody,
    answer: Session, perMinute: LOGINS_PER_MINUTE, beforePasswordChange: true,
    handle: async ({ body, identity, who, request, reply }) => {
      if (identity?.kind !== 'session' || identity.login !== 'password') {
        throw new RequestError(409, 'Only who logged in with a password can change it.');
      }
      if (!(await accounts.isPasswordOf(who, body.current))) throw new RequestError(403, 'The current password is wrong.');
      if (body.current === body.next) throw new RequestError(422, 'The new password is the old one. Choose another.');
      await accounts.changeUser(who, { password: body.next, mustChange: false });
      await audit.note({ who, action: 'account.password', from: request.ip });
      const secret = await beginSession(parts, reply, who, 'password');
      return sessionOf(await accounts.bySession(secret), secret, settings.login);
    },
  }); // biome-ignore format: short
}

/** The link of the terminal: a session for its token, which then is gone from the address. */
function linkRoute(app: FastifyInstance, parts: Parts): void {
  const { link, audit, accounts } = parts;
  const { name: cookieName } = sessionCookie(parts);
  app.get<{ Querystring: { token?: unknown } }>(
    '/start',
    { config: { needs: 'public', perMinute: LOGINS_PER_MINUTE }, schema: { hide: true } as object },
    async (request, reply) => {
      reply.header('referrer-policy', 'no-referrer').header('cache-control', 'no-store');
      const { token } = request.query;
      if (link && typeof token === 'string' && link.redeem(token)) {
        await beginSession(parts, reply, 'local', 'link');
        await audit.note({ who: 'local', action: 'session.begin', details: { by: 'link' }, from: request.ip });
        return reply.redirect('/', 303);
      }
      const secret = request.cookies[cookieName];
      const isKnown = secret !== undefined && (await accounts.bySession(secret)) !== undefined;
      return reply.redirect(isKnown ? '/' : '/?link=spent', 303);
    },
  );
}

async function beginSession(parts: Parts, reply: FastifyReply, name: string, login: 'link' | 'password') {
  const secret = await parts.accounts.beginSession(name, login);
  const { name: cookieName, isSecure } = sessionCookie(parts);
  reply.setCookie(cookieName, secret, { path: '/', httpOnly: true, sameSite: 'strict', secure: isSecure });
  return secret;
}

function sessionOf(identity: Identity | undefined, secret: string, login: 'link' | 'password'): Session {
  if (!identity) return { kind: 'anonymous', login };
  const { name, role, expiresAtMs, mustChangePassword } = identity;
  const csrfToken = identity.kind === 'session' ? csrfTokenOf(secret) : '';
  return { kind: 'user', name, role, csrfToken, expiresAtMs, mustChangePassword, login: identity.login };
}

function userRoutes(app: FastifyInstance, parts: Parts): void {
  const { accounts, audit } = parts;
  addRoute(app, {
    method: 'GET', path: 'users', needs: 'admin', summary: 'All users', answer: UserList,
    handle: async () => ({ items: await accounts.users() }),
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'POST', path: 'users', needs: 'admin', summary: 'A new user', body: NewUserBody, answer: User, status: 201,
    handle: async ({ body, who, request }) => {
      checkUsers(parts);
      if (!(await accounts.addUser(body))) throw new RequestError(409, `There is a user "${body.name}" already.`);
      await audit.note({ who, action: 'user.add', subject: body.name, details: { role: body.role }, from: request.ip });
      return { name: body.name, role: body.role, createdAtMs: parts.nowMs() };
    },
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'PATCH', path: 'users/:name', needs: 'admin', summary: 'Change a user', params: NameParams,
    body: UserChangeBody, answer: User,
    handle: async ({ params: { name }, body, who, request }) => {
      checkUsers(parts);
      if (body.role !== undefined && body.role !== 'admin') await keepAnAdmin(parts, name);
      if (!(await accounts.changeUser(name, body))) throw new RequestError(404, `There is no user "${name}".`);
      const details = { role: body.role, password: body.password === undefined ? undefined : 'changed' };
      await audit.note({ who, action: 'user.change', subject: name, details, from: request.ip });
      return (await accounts.users()).find((user) => user.name === name);
    },
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'DELETE', path: 'users/:name', needs: 'admin', summary: 'Remove a user', params: NameParams,
    handle: async ({ params: { name }, who, request }) => {
      checkUsers(parts);
      await keepAnAdmin(parts, name);
      if (!(await accounts.removeUser(name))) throw new RequestError(404, `There is no user "${name}".`);
      await audit.note({ who, action: 'user.remove', subject: name, from: request.ip });
      return undefined;
    },
  }); // biome-ignore format: short
}

function checkUsers({ settings }: Parts): void {
  if (settings.login === 'password') return;
  throw new RequestError(
    409,
    'There are no users here, only the link of the terminal. Start with a login to have some.',
  );
}

async function keepAnAdmin({ accounts }: Parts, name: string): Promise<void> {
  const admins = (await accounts.users()).filter(({ role }) => role === 'admin');
  if (admins.length > 1 || admins[0]?.name !== name) return;
  throw new RequestError(409, `"${name}" is the last administrator. Make another one first.`);
}

function tokenRoutes(app: FastifyInstance, { accounts, audit }: Parts): void {
  addRoute(app, {
    method: 'GET', path: 'tokens', needs: 'admin', summary: 'All API tokens', answer: ApiTokenList,
    handle: async () => ({ items: await accounts.tokens() }),
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'POST', path: 'tokens', needs: 'admin', summary: 'A new API token', body: NewTokenBody, answer: NewToken,
    status: 201,
    handle: async ({ body, identity, who, request }) => {
      if (identity?.kind === 'token') throw new RequestError(403, 'An API token cannot make others. Log in.');
      const made = await accounts.addToken({ ...body, owner: who });
      const details = { name: body.name, scopes: body.scopes, days: body.days };
      await audit.note({ who, action: 'token.add', subject: made.token.id, details, from: request.ip });
      return made;
    },
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'DELETE', path: 'tokens/:id', needs: 'admin', summary: 'Take an API token back', params: IdParams,
    handle: async ({ params: { id }, who, request }) => {
      if (!(await accounts.removeToken(id))) throw new RequestError(404, 'There is no such API token.');
      await audit.note({ who, action: 'token.remove', subject: id, from: request.ip });
      return undefined;
    },
  }); // biome-ignore format: short
}
