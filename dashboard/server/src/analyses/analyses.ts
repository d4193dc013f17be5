import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Analysis } from '@weir/contracts/dashboard-api';
import { type Analyser, type AnalysisResult, RequestError } from '../ports.js';

/** Analyses remembered; the oldest that is not running gives way. */
const MOST_KEPT = 20;
/** Uploads that wait or are written; more are refused. */
const MOST_WAITING = 4;
/** Longest that an analysis may take, ms. */
const LONGEST_MS = 15 * 60_000;
/** Progress is told at most this often, ms. */
const TELL_EACH_MS = 250;

export interface AnalysesOptions {
  readonly analyser: Analyser;
  /** Uploads lie here until they were read. */
  readonly folder: string;
  /** Largest upload, in bytes. */
  readonly maxBytes: number;
  readonly nowMs: () => number;
  readonly tell: (analysis: Analysis) => void;
  readonly onError: (error: unknown) => void;
}

/** An uploaded file on its way in. `truncated` is true when it was cut at the limit. */
export interface Upload {
  readonly fileName: string;
  readonly stream: Readable & { truncated?: boolean };
  readonly startedBy: string;
}

interface Job {
  analysis: Analysis;
  readonly path: string;
  readonly stop: AbortController;
  result?: AnalysisResult;
}

/** Uploaded files and what was found in them. One is looked into at a time, in the order they came. */
export class Analyses {
  private readonly jobs = new Map<string, Job>();
  private last: Promise<unknown> = Promise.resolve();
  private uploads = 0;

  constructor(private readonly options: AnalysesOptions) {}

  get maxBytes(): number {
    return this.options.maxBytes;
  }

  /** Newest first. */
  list(): Analysis[] {
    return [...this.jobs.values()].map(({ analysis }) => analysis).reverse();
  }

  /** One analysis with its results, once it is done. Throws a RequestError. */
  get(id: string): { analysis: Analysis; result?: AnalysisResult } {
    const { analysis, result } = this.find(id);
    return result === undefined ? { analysis } : { analysis, result };
  }

  /** Takes an upload in and queues it. Rejects with a RequestError. */
  async add(upload: Upload): Promise<Analysis> {
    const waiting = this.list().filter(({ status }) => status === 'queued').length;
    if (waiting + this.uploads >= MOST_WAITING) {
      throw new RequestError(429, `${MOST_WAITING} files wait already. Try again when one is done.`);
    }
    this.uploads++;
    try {
      const job = await this.receive(upload);
      this.keep(job);
      this.last = this.last.then(() => this.run(job)).catch(this.options.onError);
      return job.analysis;
    } finally {
      this.uploads--;
    }
  }

  /** Ends and forgets an analysis. Throws a RequestError. */
  remove(id: string): void {
    const job = this.find(id);
    job.stop.abort();
    this.jobs.delete(id);
  }

  async close(): Promise<void> {
    for (const { stop } of this.jobs.values()) stop.abort();
    await this.last;
    await rm(this.options.folder, { recursive: true, force: true });
  }

  private find(id: string): Job {
    const job = this.jobs.get(id);
    if (!job) throw new RequestError(404, 'There is no such analysis, or it was so long ago that it was forgotten.');
    return job;
  }

  private async receive({ fileName, stream, startedBy }: Upload): Promise<Job> {
    const id = randomUUID();
    const path = join(this.options.folder, id);
    await mkdir(this.options.folder, { recursive: true, mode: 0o700 });
    const file = createWriteStream(path, { mode: 0o600 });
    try {
      await pipeline(stream, file);
      if (stream.truncated)
        throw new RequestError(
          413,
          `The file is larger than ${this.maxBytes} bytes. Send less of it, or raise --upload-limit.`,
        );
      if (file.bytesWritten === 0) throw new RequestError(400, 'The file is empty. Choose a capture or a flow table.');
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    const analysis: Analysis = {
      id, fileName: fileName.slice(0, 255), fileBytes: file.bytesWritten, status: 'queued', progress: 0,
      message: 'Waits for its turn.', packets: 0, incidents: 0, startedBy, startedAtMs: this.options.nowMs(),
    }; // biome-ignore format: fields in few lines
    return { analysis, path, stop: new AbortController() };
  }

  private keep(job: Job): void {
    this.jobs.set(job.analysis.id, job);
    this.options.tell(job.analysis);
    for (const [id, { analysis }] of this.jobs) {
      if (this.jobs.size <= MOST_KEPT) return;
      if (analysis.status === 'done' || analysis.status === 'failed') this.jobs.delete(id);
    }
  }

  private async run(job: Job): Promise<void> {
    try {
      if (job.stop.signal.aborted) return;
      this.change(job, { status: 'running', message: 'Reads the file.' });
      job.result = await this.options.analyser.analyse({
        path: job.path,
        fileName: job.analysis.fileName,
        stop: AbortSignal.any([job.stop.signal, AbortSignal.timeout(LONGEST_MS)]),
        onProgress: this.progressTeller(job),
      });
      const { packets, incidents } = job.result;
      const found = { packets, incidents: incidents.length };
      this.change(job, { status: 'done', progress: 1, message: 'Done.', ...found, finishedAtMs: this.options.nowMs() });
    } catch (error) {
      const message =
        error instanceof RequestError ? error.message : 'The analysis failed; the log of the server says why.';
      if (!(error instanceof RequestError)) this.options.onError(error);
      this.change(job, { status: 'failed', message, finishedAtMs: this.options.nowMs() });
    } finally {
      await rm(job.path, { force: true });
    }
  }

  private progressTeller(job: Job): (progress: { share: number; packets: number; incidents: number }) => void {
    let toldAtMs = 0;
    return ({ share, packets, incidents }) => {
      if (this.options.nowMs() - toldAtMs < TELL_EACH_MS) return;
      toldAtMs = this.options.nowMs();
      this.change(job, { progress: Math.min(1, Math.max(0, share)), packets, incidents });
    };
  }

  private change(job: Job, change: Partial<Analysis>): void {
    job.analysis = { ...job.analysis, ...change };
    if (this.jobs.has(job.analysis.id)) this.options.tell(job.analysis);
  }
}
