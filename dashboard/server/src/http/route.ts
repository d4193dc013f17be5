import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { API_BASE, ApiError, type TokenScope } from '@weir/contracts/dashboard-api';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import type { Identity } from '../access/accounts.js';
import { RequestError } from '../ports.js';

/** What a route needs of whoever asks; `public`: nothing. */
export type Needs = TokenScope | 'public';

declare module 'fastify' {
  interface FastifyContextConfig {
    needs?: Needs;
    /** Requests a minute of one client; the server's default where absent. */
    perMinute?: number;
    /** Also for those who must change their password first. */
    beforePasswordChange?: boolean;
  }
}

/** A route of the API: what it takes and answers is declared once, for checks, documents and types. */
export interface RouteDeclaration<P extends TSchema, Q extends TSchema, B extends TSchema, A extends TSchema> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the API's base. */
  readonly path: string;
  readonly needs: Needs;
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Absent: the handler answers by itself, or with nothing (204). */
  readonly answer?: A;
  /** Default 200, or 204 without an answer. */
  readonly status?: 200 | 201 | 202;
  /** Type of an answer that is not JSON. */
  readonly produces?: string;
  /** Type of a body that is not JSON. */
  readonly consumes?: string;
  readonly perMinute?: number;
  readonly beforePasswordChange?: boolean;
  handle(call: RouteCall<Static<P>, Static<Q>, Static<B>>): Promise<Static<A> | undefined>;
}

/** One request, checked. */
export interface RouteCall<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** Name of who asks; empty on public routes. */
  readonly who: string;
  readonly identity: Identity | undefined;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

const NOTHING = Type.Object({}, { additionalProperties: false });

/** Adds a route to the server. */
export function addRoute<
  P extends TSchema = typeof NOTHING,
  Q extends TSchema = typeof NOTHING,
  B extends TSchema = typeof NOTHING,
  A extends TSchema = typeof NOTHING,
>(app: FastifyInstance, route: RouteDeclaration<P, Q, B, A>): void {
  const { method, path, needs, perMinute, beforePasswordChange } = route;
  app.route({
    method,
    url: `${API_BASE}/${path}`,
    schema: documentOf(route),
    config: {
      needs,
      ...(perMinute === undefined ? {} : { perMinute }),
      ...(beforePasswordChange === undefined ? {} : { beforePasswordChange }),
    },
    handler: async (request, reply) => {
      const answer = await route.handle({
        params: taken(route.params ?? NOTHING, request.params, 'path') as Static<P>,
        query: taken(route.query ?? NOTHING, request.query, 'query') as Static<Q>,
        body: (route.body === undefined ? undefined : checked(route.body, request.body, 'body')) as Static<B>,
        who: request.who?.name ?? '',
        identity: request.who,
        request,
        reply,
      });
      if (reply.sent || answer === reply) return reply;
      if (answer === undefined) return reply.code(204).send();
      return reply.code(route.status ?? 200).send(answer);
    },
  });
}

/** Text from the address line, turned into what the schema wants. */
function taken<S extends TSchema>(schema: S, value: unknown, where: string): Static<S> {
  return checked(schema, Value.Convert(schema, { ...(value as object) }), where);
}

function checked<S extends TSchema>(schema: S, value: unknown, where: string): Static<S> {
  if (Value.Check(schema, value)) return value;
  const [first] = Value.Errors(schema, value);
  const field = first?.path.replace(/^\//, '').replaceAll('/', '.') ?? '';
  throw new RequestError(
    400,
    `The ${where} cannot be used: ${field === '' ? '' : `${field.slice(0, 100)}: `}${first?.message ?? 'not what it should be'}. ` +
      `See ${API_BASE}/openapi.json.`,
  );
}

function documentOf(route: RouteDeclaration<TSchema, TSchema, TSchema, TSchema>): FastifySchema {
  const status = route.answer || route.produces ? (route.status ?? 200) : 204;
  const answer =
    route.produces === undefined
      ? (plain(route.answer) ?? { type: 'null', description: 'Done' })
      : { description: route.summary, content: { [route.produces]: { schema: { type: 'string', format: 'binary' } } } };
  const document: Record<string, unknown> = {
    summary: route.summary,
    tags: [route.path.split('/')[0]],
    ...(route.needs === 'public' ? { security: [] } : { description: `Needs: ${route.needs}` }),
    response: { [status]: answer, '4xx': plain(ApiError) },
  };
  if (route.consumes !== undefined) document.consumes = [route.consumes];
  for (const [name, schema] of [
    ['params', route.params],
    ['querystring', route.query],
    ['body', route.body],
  ] as const) {
    if (schema) document[name] = plain(schema);
  }
  return document as FastifySchema;
}

/** A schema as JSON, without the ids that would clash where it stands twice. */
function plain(schema: TSchema | undefined): unknown {
  return schema && JSON.parse(JSON.stringify(schema, (key, value) => (key === '$id' ? undefined : value)));
}

/** Id in a path. */
export const IdParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) });
