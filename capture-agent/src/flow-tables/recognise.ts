import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { constants, gunzipSync } from 'node:zlib';
import { isGzip } from '../sources/gzip-input.js';
import { SourceError } from '../sources/source.js';
import { shapeOf, zeekShape } from './table-shape.js';

/** Enough for the header of any table with hundreds of columns. */
const HEAD_BYTES = 64 * 1024;
const TABLE_NAME = /\.(csv|tsv|ndjson|jsonl)(\.gz)?$/i;
/**
 * Whether the input is a flow table rather than a capture: by its name, else by its first bytes. What is told of standard
 * input stays there to be read; it waits for the first bytes, or until `stop` is aborted. A file that cannot be opened is
 * none.
 */
export async function isFlowTable(
  path: string,
  { standardInput = process.stdin, stop }: { standardInput?: Readable; stop?: AbortSignal } = {},
): Promise<boolean> {
  if (path !== '-' && TABLE_NAME.test(path)) return true;
  const head = path === '-' ? await peek(standardInput, stop) : await readHead(path);
  return looksLikeTable(isGzip(head) ? inflate(head) : head);
}

async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return new Uint8Array(0);
  try {
    const status = await file.stat();
    // A pipe gives its bytes only once.
    if (!status.isFile()) return new Uint8Array(0);
    const head = new Uint8Array(HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The first bytes of a stream, which are put back; none when it ends, fails or is stopped before. */
async function peek(stream: Readable, stop: AbortSignal | undefined): Promise<Uint8Array> {
  while (!stream.readableEnded && !stream.destroyed && !stop?.aborted) {
    const chunk = stream.read() as Uint8Array | null;
    if (chunk !== null) {
      stream.unshift(chunk);
      return chunk;
    }
    await nextChange(stream, stop);
  }
  return new Uint8Array(0);
}

/** Resolves when there is something to read, or never will be. */
function nextChange(stream: Readable, stop: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const events = ['readable', 'end', 'close', 'error'] as const;
    const done = () => {
      for (const event of events) stream.off(event, done);
      stop?.removeEventListener('abort', done);
      resolve();
    };
    for (const event of events) stream.on(event, done);
    stop?.addEventListener('abort', done);
  });
}

function inflate(head: Uint8Array): Uint8Array {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1024 * 1024 });
  } catch {
    return new Uint8Array(0);
  }
}

function looksLikeTable(head: Uint8Array): boolean {
  const text = new TextDecoder().decode(head.subarray(0, HEAD_BYTES));
  const lines = text.split(/\r?\n/, 64);
  const first = lines.find((line) => line.trim() !== '');
  if (first === undefined || !isText(first)) return false;
  const fields = lines.find((line) => line.startsWith('#fields'));
  try {
    if (fields) zeekShape(fields, '\t');
    else shapeOf(first);
    return true;
  } catch (error) {
    // A header that is known but lacks something, such as NSL-KDD, is a table too: its error says more than "no capture".
    return error instanceof SourceError && isNearlyTable(first, error);
  }
}

function isNearlyTable(line: string, error: SourceError): boolean {
  return !error.message.startsWith('line 1 has no column that is known') && /[,;\t|]/.test(line);
}

/** Text as logs and tables have it: no control characters but tabs. */
function isText(line: string): boolean {
  for (let i = 0; i < line.length; i++) if (line.charCodeAt(i) < 32 && line[i] !== '\t') return false;
  return true;
}
