import { STATUS_CODES } from 'node:http';
import { API_BASE } from '@weir/contracts/dashboard-api';
import type { FastifyError, FastifyInstance } from 'fastify';
import { BusyError } from '../access/passwords.js';
import { RequestError } from '../ports.js';

/** Statuses of the plugins' own errors that the API tells by another one. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  FST_INVALID_MULTIPART_CONTENT_TYPE: 415,
  FST_REQ_FILE_TOO_LARGE: 413,
};

/** What every refusal looks like. A defect is told to `onError`, and its details stay here. */
export function addErrors(app: FastifyInstance, onError: (error: unknown) => void): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    // Whoever asked is gone, or has half an answer: there is nobody to tell.
    if (reply.raw.headersSent || hasLeft(error)) {
      request.raw.destroy();
      return;
    }
    const statusCode = statusOf(error);
    if (statusCode >= 500 && !(error instanceof RequestError) && !(error instanceof BusyError)) onError(error);
    const message = statusCode === 500 ? 'Weir failed to answer. Its log says why.' : error.message;
    void reply.code(statusCode).send(refusal(statusCode, message));
  });
}

/** The body of a refusal. */
export function refusal(statusCode: number, message: string) {
  return { statusCode, error: STATUS_CODES[statusCode] ?? 'Error', message };
}

/** What is said of an address below the API that does not exist. */
export const NO_SUCH_RESOURCE = `There is no such resource. ${API_BASE}/openapi.json lists them all.`;

/** Errors of a connection that the client ended in the middle. */
const LEFT_CODES: ReadonlySet<string> = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE', 'ECONNABORTED']);

function hasLeft({ code }: FastifyError): boolean {
  return LEFT_CODES.has(code);
}

function statusOf(error: FastifyError): number {
  if (error instanceof RequestError) return error.statusCode;
  if (error instanceof BusyError) return 503;
  // busboy tells of a body that is no multipart, or ends too early, by plain errors.
  if (/multipart|unexpected end of (form|multipart)|boundary|malformed part header/i.test(error.message ?? '')) {
    return STATUS_OF_CODE[error.code] ?? 400;
  }
  const { statusCode = 500 } = error;
  return STATUS_OF_CODE[error.code] ?? (statusCode >= 400 && statusCode < 600 ? statusCode : 500);
}
