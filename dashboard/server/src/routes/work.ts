import { createReadStream } from 'node:fs';
import {
  Analysis,
  AnalysisDetail,
  AnalysisList,
  Generation,
  GenerationBody,
  GenerationList,
  GenerationOptions,
} from '@weir/contracts/dashboard-api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { reportCsv } from '../analyses/report-csv.js';
import { reportHtml } from '../analyses/report-html.js';
import { addRoute, IdParams } from '../http/route.js';
import type { Parts } from '../parts.js';
import { RequestError } from '../ports.js';
import { missing } from './capabilities.js';

const UPLOADS_PER_MINUTE = 12;

/** Analyses of uploads, and sample data. */
export function workRoutes(app: FastifyInstance, parts: Parts): void {
  uploadRoute(app, parts);
  analysisRoutes(app, parts);
  reportRoutes(app, parts);
  generationRoutes(app, parts);
}

function analysesOf(parts: Parts) {
  if (!parts.analyses) throw new RequestError(409, missing(parts, 'analyse') ?? '');
  return parts.analyses;
}

function generationsOf(parts: Parts) {
  const { generations, ports } = parts;
  if (!generations || !ports.generator) throw new RequestError(409, missing(parts, 'generate') ?? '');
  return { generations, generator: ports.generator };
}

function uploadRoute(app: FastifyInstance, parts: Parts): void {
  addRoute(app, {
    method: 'POST', path: 'analyses', needs: 'analyse', summary: 'Look into an uploaded capture or flow table',
    answer: Analysis, status: 202, perMinute: UPLOADS_PER_MINUTE, consumes: 'multipart/form-data',
    handle: async ({ who, request }) => {
      const analyses = analysesOf(parts);
      refuseLarge(request, analyses.maxBytes);
      if (!request.isMultipart()) {
        throw new RequestError(415, 'Send the file as multipart/form-data, in a field named "file".');
      }
      const file = await request.file();
      if (!file) throw new RequestError(400, 'No file came. Send one in a field named "file".');
      const analysis = await analyses.add({ fileName: file.filename ?? '', stream: file.file, startedBy: who });
      const details = { fileName: analysis.fileName, fileBytes: analysis.fileBytes };
      await parts.audit.note({ who, action: 'analysis.add', subject: analysis.id, details, from: request.ip });
      return analysis;
    },
  }); // biome-ignore format: short
}

/** What comes around the file in a form, bytes. */
const FORM_BYTES = 64 * 1024;

/** Refuses a request that says itself that it is too large, before any of it is read. */
function refuseLarge({ headers }: FastifyRequest, maxBytes: number): void {
  const length = Number(headers['content-length'] ?? 0);
  if (length <= maxBytes + FORM_BYTES) return;
  throw new RequestError(413, `The file is larger than ${maxBytes} bytes. Send less of it, or raise --upload-limit.`);
}

function analysisRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, {
    method: 'GET', path: 'analyses', needs: 'read', summary: 'Analyses, newest first', answer: AnalysisList,
    handle: async () => {
      const { analyses } = parts;
      return { items: analyses?.list() ?? [], maxBytes: analyses?.maxBytes ?? 0 };
    },
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'GET', path: 'analyses/:id', needs: 'read', summary: 'One analysis with its results', params: IdParams,
    answer: AnalysisDetail, handle: async ({ params: { id } }) => analysesOf(parts).get(id),
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'DELETE', path: 'analyses/:id', needs: 'analyse', summary: 'End and forget an analysis', params: IdParams,
    handle: async ({ params: { id }, who, request }) => {
      analysesOf(parts).remove(id);
      await parts.audit.note({ who, action: 'analysis.remove', subject: id, from: request.ip });
      return undefined;
    },
  }); // biome-ignore format: short
}

function reportRoutes(app: FastifyInstance, parts: Parts): void {
  const resultOf = (id: string) => {
    const { analysis, result } = analysesOf(parts).get(id);
    if (!result) throw new RequestError(409, `This analysis is ${analysis.status}. There is no report yet.`);
    return { analysis, result };
  };
  addRoute(app, {
    method: 'GET', path: 'analyses/:id/report.csv', needs: 'read', summary: 'Anomalies as CSV', params: IdParams,
    produces: 'text/csv',
    handle: async ({ params: { id }, reply }) => {
      const text = reportCsv(resultOf(id).result.incidents);
      return download(reply, 'weir-anomalies.csv', 'text/csv; charset=utf-8').send(text) as never;
    },
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'GET', path: 'analyses/:id/report.html', needs: 'read', summary: 'A report as one HTML file',
    params: IdParams, produces: 'text/html',
    handle: async ({ params: { id }, reply }) => {
      const { analysis, result } = resultOf(id);
      download(reply, 'weir-report.html', 'text/html; charset=utf-8');
      // The report carries its own style and nothing else, should a browser show it after all.
      reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
      return reply.send(reportHtml(analysis, result)) as never;
    },
  }); // biome-ignore format: short
}

function download(reply: FastifyReply, fileName: string, type: string): FastifyReply {
  const safeName = fileName.replace(/[^A-Za-z0-9._-]/g, '_');
  return reply.header('content-type', type).header('content-disposition', `attachment; filename="${safeName}"`);
}

function generationRoutes(app: FastifyInstance, parts: Parts): void {
  addRoute(app, {
    method: 'GET', path: 'generations/options', needs: 'read', summary: 'What sample data can have in it',
    answer: GenerationOptions, handle: async () => generationsOf(parts).generator.options(),
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'POST', path: 'generations', needs: 'analyse', summary: 'Make sample data', body: GenerationBody,
    answer: Generation, status: 202, perMinute: UPLOADS_PER_MINUTE,
    handle: async ({ body, who, request }) => {
      const generation = generationsOf(parts).generations.add(body);
      await parts.audit.note({ who, action: 'generation.add', subject: generation.id, details: body, from: request.ip });
      return generation;
    },
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'GET', path: 'generations', needs: 'read', summary: 'Sample data, newest first', answer: GenerationList,
    handle: async () => ({ items: parts.generations?.list() ?? [] }),
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'GET', path: 'generations/:id', needs: 'read', summary: 'One piece of sample data', params: IdParams,
    answer: Generation, handle: async ({ params: { id } }) => generationsOf(parts).generations.get(id),
  }); // biome-ignore format: short
  for (const [path, part] of [['file', 'data'], ['truth', 'truth']] as const) {
    addRoute(app, {
      method: 'GET', path: `generations/:id/${path}`, needs: 'read', params: IdParams, produces: 'application/octet-stream',
      summary: part === 'data' ? 'The sample data' : 'What is in the sample data, as CSV',
      handle: async ({ params: { id }, reply }) => {
        const { generations } = generationsOf(parts);
        const { fileName } = generations.get(id);
        const stream = createReadStream(generations.fileOf(id, part));
        const name = part === 'data' ? fileName : `${fileName}.truth.csv`;
        return download(reply, name, 'application/octet-stream').send(stream) as never;
      },
    });
  } // biome-ignore format: short
}
