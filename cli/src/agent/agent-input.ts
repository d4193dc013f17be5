import {
  type BatchShape,
  type CaptureControls,
  ControlledSource,
  type Decoder,
  type FlowTableSource,
  fileEpoch,
  PauseGate,
  PeekedSource,
  streamEpoch,
} from '@weir/capture-agent';
import type { SensorBatch } from '@weir/contracts';
import type { Io } from '../io.js';
import { OpenedSource } from '../opened-source.js';
import type { OptionValues } from '../options/declaration.js';
import { type AgentOptions, type AgentResult, runAgent } from '../pipeline.js';
import { runFlowTable } from '../pipeline-flow-table.js';
import { agentOptions, type ChosenSource, type chooseSource, type SOURCE_OPTIONS, TICK_MS } from '../source-options.js';
import { parseSpeed } from '../speed.js';
import { chooseFlowTable, type TABLE_OPTIONS, tableRunOptions } from '../table-options.js';
import { UntilStopped } from '../until-stopped.js';

/** What a sensor reads, ready to be read. */
export interface AgentInput {
  readonly name: string;
  /** Capture filter; empty: everything. */
  readonly filter: string;
  /** What can wait is read no faster than it is sent; the rest is dropped. */
  readonly canWait: boolean;
  readonly epoch: number;
  readonly controls: CaptureControls;
  /** Opens what was not opened yet, so that it is refused before anything is printed or written. Rejects with a SourceError. */
  open(): Promise<void>;
  /** Lets go of what was opened; for an input that will not be read. */
  close(): Promise<void>;
  /**
   * Reads to the end, or until stopped; awaits `ready` between batches where it can wait. `live.always` is awaited where it cannot,
   * for work on what was emitted that must be done before more is.
   * `waitingMs` is the age of the oldest batch that was not passed on, for a live sensor to tell.
   */
  read(
    emit: (batch: SensorBatch) => void,
    ready: () => Promise<void>,
    live?: { readonly always?: () => Promise<void>; readonly waitingMs?: () => number },
  ): Promise<AgentResult>;
}

/** Options of the agent that say what it reads, and how it is cut into batches. */
export type InputValues = OptionValues<typeof SOURCE_OPTIONS> &
  OptionValues<typeof TABLE_OPTIONS> & {
    readonly partitions: number;
    readonly 'new-run': boolean;
    /** Longest that a batch waits to fill, ms. */
    readonly tick?: number;
  };

/** What the input follows from. */
export interface InputParts {
  readonly options: InputValues;
  /** The file, if one is named. */
  readonly operands: readonly string[];
  readonly io: Io;
  readonly decoder: Decoder;
  readonly allowedLatenessMs: number;
  readonly choose: typeof chooseSource;
}

/** Opens what the options name as far as is needed to know it. Rejects with a UsageError or SourceError. */
export async function openAgentInput(parts: InputParts): Promise<AgentInput> {
  const { options, choose } = parts;
  const table = await chooseFlowTable(parts);
  if (table) return tableInput(parts, table);
  return options.interface === undefined ? fileInput(parts, choose(parts)) : liveInput(parts, options.interface);
}

function liveInput(parts: InputParts, interfaceName: string): AgentInput {
  const { options, io, choose } = parts;
  const source = new ControlledSource({ interfaceName, filter: options.filter ?? '' }, (target) => {
    const { interfaceName, filter } = target;
    const asked = { ...options, interface: interfaceName, filter: filter || undefined };
    return new OpenedSource(choose({ ...parts, options: asked }).source);
  });
  const epoch = io.nowMs();
  return {
    get name() {
      return source.name;
    },
    get filter() {
      return source.target.filter;
    },
    canWait: false,
    epoch,
    controls: source,
    open: () => source.open(),
    close: () => source.close(),
    read: (emit, _ready, { always, waitingMs } = {}) => {
      const asked = { ...(always && { ready: always }), ...(waitingMs && { waitingMs }) };
      return runAgent({ ...runOptions(parts, { source, isPaced: true }), epoch, ...asked }, emit);
    },
  };
}

async function fileInput(parts: InputParts, { source, isPaced }: ChosenSource): Promise<AgentInput> {
  const { options, operands } = parts;
  const path = operands[0] ?? '';
  // What comes through a pipe may be live, and is not to wait for a full batch.
  const speed = isPaced ? parseSpeed(options.speed ?? 'max') : 1;
  const tickUs = (isPaced || path === '-') && speed !== 'max' ? (options.tick ?? TICK_MS) * 1000 * speed : 0;
  const peeked = new PeekedSource(source);
  const gate = new PauseGate(source.name);
  const passed = passageOf(gate, parts.io.stop);
  const epoch = await epochOf(parts, tickUs, () => firstPacketEpoch(parts, tickUs, peeked));
  const tick = tickUs > 0 ? { everyUs: tickUs } : 'none';
  return {
    ...waitingInput(source.name, gate, epoch),
    open: () => peeked.open(),
    close: () => peeked.close(),
    read: (emit, ready) => {
      const run = { ...runOptions(parts, { source: peeked, isPaced }), tick, epoch } as const;
      return runAgent({ ...run, ready: () => passed().then(ready) }, emit);
    },
  };
}

async function tableInput(parts: InputParts, table: FlowTableSource): Promise<AgentInput> {
  const { options, allowedLatenessMs } = parts;
  const { partitions } = options;
  const gate = new PauseGate(table.name);
  const passed = passageOf(gate, parts.io.stop);
  // Rows of standard input cannot be looked at without taking them.
  const epoch = await epochOf(parts, 0, async () => parts.io.nowMs());
  return {
    ...waitingInput(table.name, gate, epoch),
    open: async () => undefined,
    close: () => table.close(),
    read: (emit, ready) => {
      const waiting = readWhen(table, () => passed().then(ready));
      return runFlowTable({ ...tableRunOptions(parts, waiting), partitions, allowedLatenessMs, epoch }, emit);
    },
  };
}

/** What waits at the gate ends all the same when it is asked to. */
function passageOf(gate: PauseGate, stop: AbortSignal): () => Promise<void> {
  const untilStopped = new UntilStopped(stop);
  return () => untilStopped.wait(gate.passed());
}

function waitingInput(name: string, controls: CaptureControls, epoch: number) {
  return { name, filter: '', canWait: true, epoch, controls };
}

function runOptions(parts: InputParts, chosen: ChosenSource): AgentOptions {
  const { decoder, allowedLatenessMs, options } = parts;
  return { ...agentOptions(parts, chosen), partitions: options.partitions, allowedLatenessMs, decoder };
}

/** A file's content decides its run, so that a run begun again repeats itself; `otherwise` where there is no file. */
async function epochOf(parts: InputParts, tickUs: number, otherwise: () => Promise<number>): Promise<number> {
  const { options, operands, io } = parts;
  if (options['new-run']) return io.nowMs();
  const path = operands[0];
  const known = path === undefined || path === '-' ? undefined : await fileEpoch(path, shapeOf(parts, tickUs));
  return known ?? otherwise();
}

async function firstPacketEpoch(parts: InputParts, tickUs: number, source: PeekedSource): Promise<number> {
  const first = await Promise.race([source.peek(1), aborted(parts.io.stop)]);
  return first === undefined ? 0 : streamEpoch(first, shapeOf(parts, tickUs));
}

function shapeOf({ options, allowedLatenessMs }: InputParts, tickUs: number): BatchShape {
  return { partitions: options.partitions, maxBatchPackets: options.batch, allowedLatenessMs, tickUs };
}

/** Resolves once `signal` is aborted. */
export function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

/** `table`, read only when `ready` allows. */
function readWhen(table: FlowTableSource, ready: () => Promise<void>): FlowTableSource {
  return {
    name: table.name,
    format: table.format,
    read: async (rows) => {
      await ready();
      return table.read(rows);
    },
    counters: () => table.counters(),
    progress: () => table.progress(),
    close: () => table.close(),
  };
}
