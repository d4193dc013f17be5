import fastifyCookie from '@fastify/cookie';
import fastifyHelmet from '@fastify/helmet';
import fastifyMultipart from '@fastify/multipart';
import fastifyRateLimit from '@fastify/rate-limit';
import fastifySwagger from '@fastify/swagger';
import fastifyWebsocket from '@fastify/websocket';
import { API_BASE } from '@weir/contracts/dashboard-api';
import Fastify, { type FastifyInstance } from 'fastify';
import { addErrors } from './http/errors.js';
import { addGate, sessionCookie } from './http/gate.js';
import { addPage } from './http/page.js';
import type { Parts } from './parts.js';
import { accessRoutes } from './routes/access.js';
import { incidentRoutes } from './routes/incidents.js';
import { liveRoute } from './routes/live.js';
import { operationRoutes } from './routes/operation.js';
import { suppressionRoutes } from './routes/suppressions.js';
import { trafficRoutes } from './routes/traffic.js';
import { workRoutes } from './routes/work.js';
import { readTls } from './settings.js';

/** Largest JSON body, bytes. */
const BODY_BYTES = 64 * 1024;
const MOST_PARAMETER_LETTERS = 128;
/** A connection on which nothing moves for this long is closed: a body that never ends, a client that is gone. Unit: ms. */
const IDLE_MS = 5 * 60_000;
/** Largest message a WebSocket client may send before it is cut off, bytes. */
const SOCKET_BYTES = 1024;

/** The server with all its routes, not yet listening. */
export async function buildApp(parts: Parts, onError: (error: unknown) => void): Promise<FastifyInstance> {
  const tls = readTls(parts.settings);
  const app = Fastify({
    ...(tls ? { https: tls } : {}),
    bodyLimit: BODY_BYTES,
    connectionTimeout: IDLE_MS,
    routerOptions: { maxParamLength: MOST_PARAMETER_LETTERS },
    return503OnClosing: false,
    forceCloseConnections: true,
  } as object) as unknown as FastifyInstance;
  // Routes check what they take and answer by themselves (http/route.ts); their schemas are documentation.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  addErrors(app, onError);
  await addPlugins(app, parts);
  addGate(app, parts);
  await app.register(async (routes) => {
    accessRoutes(routes, parts);
    incidentRoutes(routes, parts);
    suppressionRoutes(routes, parts);
    trafficRoutes(routes, parts);
    operationRoutes(routes, parts);
    workRoutes(routes, parts);
    liveRoute(routes, parts);
    routes.get(
      `${API_BASE}/openapi.json`,
      { config: { needs: 'public' }, schema: { hide: true } as object },
      async () => app.swagger(),
    );
  });
  await addPage(app, parts.settings.pageFolder);
  await app.ready();
  return app;
}

async function addPlugins(app: FastifyInstance, parts: Parts): Promise<void> {
  const { settings } = parts;
  await app.register(fastifyCookie);
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: { useDefaults: false, directives: policy() },
    strictTransportSecurity: settings.tls ? { maxAge: 31_536_000 } : false,
    crossOriginEmbedderPolicy: true,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  });
  await app.register(fastifyRateLimit, { global: false });
  await app.register(fastifyMultipart, {
    throwFileSizeLimit: false,
    limits: { fileSize: settings.uploadBytes, files: 1, fields: 4, parts: 5, headerPairs: 50, fieldSize: 1024 },
  });
  await app.register(fastifyWebsocket, { options: { maxPayload: SOCKET_BYTES } });
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.0.3',
      info: { title: 'Weir dashboard', version: settings.version, description: 'Everything that the page shows.' },
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: sessionCookie(parts).name },
          token: { type: 'http', scheme: 'bearer' },
        },
      },
      security: [{ session: [] }, { token: [] }],
    },
  });
}

/** What the page may load: its own files, its own API, and nothing inline. */
function policy(): Record<string, string[]> {
  return {
    defaultSrc: ["'none'"], scriptSrc: ["'self'"], styleSrc: ["'self'"], imgSrc: ["'self'", 'data:', 'blob:'],
    fontSrc: ["'self'"], connectSrc: ["'self'"], manifestSrc: ["'self'"], workerSrc: ["'self'", 'blob:'],
    baseUri: ["'none'"], formAction: ["'self'"], frameAncestors: ["'none'"],
  }; // biome-ignore format: a list to read
}
