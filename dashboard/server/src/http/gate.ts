import { CSRF_HEADER } from '@weir/contracts/dashboard-api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { csrfTokenOf, type Identity, isSame } from '../access/accounts.js';
import type { Parts } from '../parts.js';
import { RequestError } from '../ports.js';
import { isLoopback } from '../settings.js';

/** Requests a minute that the limits of single routes are meant for. */
const USUAL_PER_MINUTE = 1200;
/** Users that may come from one address. */
const USERS_AN_ADDRESS = 10;
const MINUTE_MS = 60_000;
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Secrets look like this; anything else need not be looked up. */
const SESSION_SECRET = /^[A-Za-z0-9_-]{43}$/;
const TOKEN_SECRET = /^weir_[A-Za-z0-9_-]{43}$/;

/** Name of the session's cookie. With TLS a browser takes it only from this very host, over TLS. */
export function sessionCookie({ settings }: Pick<Parts, 'settings'>): { name: string; isSecure: boolean } {
  const isSecure = settings.tls !== undefined;
  return { name: isSecure ? '__Host-weir_session' : 'weir_session', isSecure };
}

/** Lets in who may come in: every request passes here first. */
export function addGate(app: FastifyInstance, parts: Parts): void {
  app.decorateRequest('who', undefined);
  const limits = new Limits(app);
  const { requestsPerMinute } = parts.settings;
  app.addHook('onRequest', async (request, reply) => {
    checkHost(request, parts);
    const { needs, beforePasswordChange } = request.routeOptions.config;
    if (needs === undefined) return;
    await limits.check(request, reply, `address ${request.ip}`, requestsPerMinute * USERS_AN_ADDRESS);
    request.who = await identityOf(request, parts);
    const { perMinute } = request.routeOptions.config;
    const key = `${request.who?.digest ?? request.ip} ${perMinute === undefined ? '' : request.routeOptions.url}`;
    const scaled = ((perMinute ?? USUAL_PER_MINUTE) * requestsPerMinute) / USUAL_PER_MINUTE;
    await limits.check(request, reply, key, Math.ceil(scaled));
    if (needs === 'public') return;
    checkRights(request.who, needs, beforePasswordChange === true);
    if (!SAFE_METHODS.has(request.method)) checkForgery(request, request.who, parts);
  });
}

/** Counts requests by key and answers 429 beyond a limit. */
class Limits {
  private readonly byLimit = new Map<number, ReturnType<FastifyInstance['createRateLimit']>>();
  private readonly keys = new WeakMap<FastifyRequest, string>();

  constructor(private readonly app: FastifyInstance) {}

  async check(request: FastifyRequest, reply: FastifyReply, key: string, perMinute: number): Promise<void> {
    let limiter = this.byLimit.get(perMinute);
    if (!limiter) {
      const keyGenerator = (asked: FastifyRequest) => this.keys.get(asked) ?? asked.ip;
      limiter = this.app.createRateLimit({ max: perMinute, timeWindow: MINUTE_MS, keyGenerator });
      this.byLimit.set(perMinute, limiter);
    }
    this.keys.set(request, key);
    const limit = await limiter(request);
    if (limit.isAllowed || !limit.isExceeded) return;
    reply.header('retry-after', String(limit.ttlInSeconds));
    throw new RequestError(429, `Too many requests. Try again in ${limit.ttlInSeconds} s.`);
  }
}

/** A page elsewhere can point a name of its own at this machine (DNS rebinding); its requests carry that name. */
function checkHost(request: FastifyRequest, { settings }: Parts): void {
  if (!isLoopback(settings.host)) return;
  const name = request.hostname.replace(/^\[|\]$/g, '');
  if (isLoopback(name)) return;
  throw new RequestError(403, `This server answers to localhost only, not to "${name.slice(0, 100)}".`);
}

async function identityOf(request: FastifyRequest, { accounts, settings }: Parts): Promise<Identity | undefined> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const [, secret = ''] = /^Bearer (.+)$/.exec(authorization) ?? [];
    const identity = TOKEN_SECRET.test(secret) ? await accounts.byToken(secret) : undefined;
    if (!identity) throw new RequestError(401, 'This API token is not known or has expired. Make another.');
    await accounts.noteUse(identity.digest);
    return identity;
  }
  const secret = request.cookies[sessionCookie({ settings }).name];
  return secret !== undefined && SESSION_SECRET.test(secret) ? accounts.bySession(secret) : undefined;
}

function checkRights(who: Identity | undefined, needs: string, beforePasswordChange: boolean): asserts who is Identity {
  if (!who) throw new RequestError(401, 'Log in first.');
  if (who.mustChangePassword && !beforePasswordChange) throw new RequestError(403, 'Change your password first.');
  if (!(who.scopes as ReadonlySet<string>).has(needs)) {
    const kind = who.kind === 'token' ? 'This API token' : `A ${who.role}`;
    throw new RequestError(403, `${kind} may not do this: it needs the right "${needs}". Ask an administrator.`);
  }
}

/** A page elsewhere can make a browser send a request with its cookie, but cannot know the token. */
function checkForgery(request: FastifyRequest, who: Identity, { settings }: Parts): void {
  if (who.kind === 'token') return;
  checkOrigin(request);
  const secret = request.cookies[sessionCookie({ settings }).name] ?? '';
  const given = request.headers[CSRF_HEADER];
  if (typeof given === 'string' && isSame(given, csrfTokenOf(secret))) return;
  throw new RequestError(403, `The header ${CSRF_HEADER} is missing or not that of this session. Load the page again.`);
}

/** Refuses a request that a page of another origin made. */
export function checkOrigin(request: FastifyRequest): void {
  const { origin } = request.headers;
  if (origin === undefined || originHost(origin) === request.host) return;
  throw new RequestError(403, 'This request comes from a page of another origin.');
}

function originHost(origin: string): string {
  try {
    return new URL(origin).host;
  } catch {
    return '';
  }
}
