import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { NO_SUCH_RESOURCE, refusal } from './errors.js';

const MISSING_PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Weir</title></head><body>
<h1>The page is not built</h1><p>Run <code>npm start</code> in the project’s folder, which builds it, and load this again.
The <a href="/api/v1/openapi.json">API</a> works meanwhile.</p></body></html>`;

/** Files of the page. Any other address that a browser asks for is the page as well: it has a router of its own. */
export async function addPage(app: FastifyInstance, folder: string): Promise<void> {
  const isBuilt = existsSync(join(folder, 'index.html'));
  if (isBuilt) {
    await app.register(fastifyStatic, {
      root: folder,
      index: ['index.html'],
      preCompressed: true,
      dotfiles: 'ignore',
      setHeaders: (response, path) => {
        // Names of assets follow from their content.
        const isAsset = path.includes(`${join(folder, 'assets')}`);
        response.header('cache-control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    if (!wantsPage(request)) return reply.code(404).send(refusal(404, NO_SUCH_RESOURCE));
    return isBuilt ? reply.header('cache-control', 'no-cache').sendFile('index.html') : missingPage(reply);
  });
}

function wantsPage({ method, url, headers }: FastifyRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  return !/^\/(api|assets)(\/|$|\?)/.test(url) && (headers.accept ?? '').includes('text/html');
}

function missingPage(reply: FastifyReply) {
  return reply.code(503).type('text/html; charset=utf-8').send(MISSING_PAGE);
}
