import { randomUUID } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Generation, GenerationBody } from '@weir/contracts/dashboard-api';
import { type Generator, RequestError } from '../ports.js';

const MOST_KEPT = 10;
const MOST_WAITING = 3;
const LONGEST_MS = 5 * 60_000;

export interface GenerationsOptions {
  readonly generator: Generator;
  readonly folder: string;
  readonly nowMs: () => number;
  readonly tell: (generation: Generation) => void;
  readonly onError: (error: unknown) => void;
}

/** Sample data that users asked for. One is made at a time. */
export class Generations {
  private readonly made = new Map<string, Generation>();
  private readonly stop = new AbortController();
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: GenerationsOptions) {}

  /** Newest first. */
  list(): Generation[] {
    return [...this.made.values()].reverse();
  }

  /** Throws a RequestError when it is not known. */
  get(id: string): Generation {
    const generation = this.made.get(id);
    if (!generation)
      throw new RequestError(404, 'There is no such sample data, or it was so long ago that it was removed.');
    return generation;
  }

  /** Path of the data or its labels. Throws a RequestError while it is not done. */
  fileOf(id: string, part: 'data' | 'truth'): string {
    const { status, message } = this.get(id);
    if (status !== 'done') throw new RequestError(409, `This sample data is ${status}: ${message}`);
    return this.pathOf(id, part);
  }

  /** Queues a request. Throws a RequestError. */
  add(request: GenerationBody): Generation {
    const { attacks, formats, maxDurationS } = this.options.generator.options();
    const unknown = request.attacks.find((name) => !attacks.some((attack) => attack.name === name));
    if (unknown !== undefined) {
      const known = attacks.map(({ name }) => name).join(', ');
      throw new RequestError(422, `There is no attack "${unknown}". Choose from: ${known}.`);
    }
    if (!formats.includes(request.format))
      throw new RequestError(422, `The format ${request.format} cannot be made here.`);
    if (request.durationS > maxDurationS) throw new RequestError(422, `At most ${maxDurationS} seconds can be made.`);
    const waiting = this.list().filter(({ status }) => status === 'queued' || status === 'running');
    if (waiting.length >= MOST_WAITING)
      throw new RequestError(429, 'Others are being made. Try again when one is done.');
    const generation = this.newGeneration(request);
    this.keep(generation);
    this.last = this.last.then(() => this.run(generation)).catch(this.options.onError);
    return generation;
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.last;
    await rm(this.options.folder, { recursive: true, force: true });
  }

  private newGeneration(request: GenerationBody): Generation {
    const stamp = new Date(request.startMs).toISOString().slice(0, 10);
    const fileName = `weir-${request.attacks.join('-') || 'benign'}-${stamp}.${request.format}`;
    const startedAtMs = this.options.nowMs();
    return {
      id: randomUUID(),
      status: 'queued',
      message: 'Waits for its turn.',
      request,
      fileName,
      fileBytes: 0,
      startedAtMs,
    };
  }

  private async run(generation: Generation): Promise<void> {
    const { id, request } = generation;
    this.keep({ ...generation, status: 'running', message: 'Makes packets.' });
    const data = this.pathOf(id, 'data');
    try {
      await mkdir(this.options.folder, { recursive: true, mode: 0o700 });
      const stop = AbortSignal.any([this.stop.signal, AbortSignal.timeout(LONGEST_MS)]);
      await this.options.generator.generate(request, { data, truth: this.pathOf(id, 'truth'), stop });
      const { size } = await stat(data);
      this.keep({ ...generation, status: 'done', message: 'Done.', fileBytes: size });
    } catch (error) {
      const message = error instanceof RequestError ? error.message : 'It failed; the log of the server says why.';
      if (!(error instanceof RequestError)) this.options.onError(error);
      this.keep({ ...generation, status: 'failed', message });
    }
  }

  private keep(generation: Generation): void {
    this.made.set(generation.id, generation);
    this.options.tell(generation);
    for (const [id, { status }] of this.made) {
      if (this.made.size <= MOST_KEPT) return;
      if (status === 'queued' || status === 'running') continue;
      this.made.delete(id);
      for (const part of ['data', 'truth'] as const) void rm(this.pathOf(id, part), { force: true });
    }
  }

  private pathOf(id: string, part: 'data' | 'truth'): string {
    return join(this.options.folder, `${id}.${part}`);
  }
}
