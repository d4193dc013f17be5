import type { PacketSource } from '@weir/capture-agent';
import { type Incident, NO_COUNTERS, type SensorCounters, type Severity } from '@weir/contracts';
import type { IncidentOutput, RuntimeSink } from '@weir/functions';
import type { ANALYZE_OPTIONS } from './commands/analyze.js';
import { ExitCode } from './errors.js';
import type { Io } from './io.js';
import type { Logger } from './log/logger.js';
import type { OptionValues } from './options/declaration.js';
import type { CoveredTime } from './report/covered-time.js';
import { IncidentPrinter } from './report/incident-printer.js';
import type { Layout } from './report/incident-text.js';
import { paintFor } from './report/paint.js';
import { ProgressLine } from './report/progress.js';
import { summaryText } from './report/summary.js';
import { IncidentLedger } from './results/incident-ledger.js';
import { ResultFiles } from './results/result-files.js';

interface AnalysisParts {
  readonly options: OptionValues<typeof ANALYZE_OPTIONS>;
  readonly io: Io;
  readonly log: Logger;
  readonly chosen: AnalysedSource;
}

/** What is told of the input. */
export interface AnalysedSource {
  readonly source: Pick<PacketSource, 'name' | 'kind' | 'progress'>;
  readonly isPaced: boolean;
  /** What the input is made of. Default: packets. */
  readonly unit?: 'packets' | 'rows';
  /** The time of the packets so far, where it is known. */
  readonly covered?: () => CoveredTime | undefined;
}

/** What one run of `weir analyze` tells and writes. */
export class Analysis {
  readonly sink: RuntimeSink;
  private readonly ledger = new IncidentLedger();
  private readonly files: ResultFiles;
  private readonly printer: IncidentPrinter;
  private readonly progressLine: ProgressLine;
  private readonly layout: Layout;
  private readonly startedMs: number;
  private counters: SensorCounters = NO_COUNTERS;

  constructor(private readonly parts: AnalysisParts) {
    const { options, io, chosen } = parts;
    this.layout = { columns: io.stdout.columns, paint: paintFor(io.stdout, io.env, options.color) };
    this.files = new ResultFiles(options, chosen.source.name);
    this.printer = new IncidentPrinter(chosen.isPaced ? 'as-found' : 'when-closed', this.layout, (text) =>
      this.print(text),
    );
    this.progressLine = new ProgressLine(io.stderr, !options.quiet);
    this.startedMs = io.elapsedMs();
    this.sink = this.createSink();
  }

  /** Redraws the progress line. */
  progress(packets: number): void {
    const elapsedMs = this.elapsedMs();
    const { source, unit } = this.parts.chosen;
    const read = () => ({ packets, elapsedMs, bytes: source.progress(), unit });
    this.progressLine.update(read, elapsedMs);
  }

  /** Prints and writes what can be said only at the end. */
  finish(packets: number, warnings: readonly string[]): void {
    const { options, chosen, io, log } = this.parts;
    const { name: source, kind } = chosen.source;
    const incidents = this.ledger.incidents();
    if (kind === 'file') for (const incident of incidents) this.writeFinal(incident);
    const elapsedMs = this.elapsedMs();
    log.info({ source, packets, incidents: incidents.length, elapsedMs: Math.round(elapsedMs) }, 'input ended');
    for (const warning of warnings) log.info({ source, warning }, 'input was damaged');
    if (options.json) return;
    const { counters, layout } = this;
    const { forgotten } = this.ledger;
    const found = { incidents, forgotten, counters, warnings, isCutShort: kind === 'file' && io.stop.aborted };
    const { unit, covered } = chosen;
    const read = { source, sensor: options.sensor, unit, packets, elapsedMs, covered: covered?.() };
    this.print(summaryText({ ...read, ...found }, layout));
  }

  /** The exit code of the run: whether it found what --fail-on speaks of. */
  exitCode(): number {
    const limit = this.parts.options['fail-on'] as Severity | undefined;
    return limit !== undefined && this.ledger.reaches(limit) ? ExitCode.found : ExitCode.ok;
  }

  close(): void {
    this.progressLine.clear();
    this.files.close();
  }

  private createSink(): RuntimeSink {
    const { flows, windows } = this.parts.options;
    return {
      incident: (change) => this.incident(change),
      sensorCounters: (_sensor, counters) => this.sensorCounters(counters),
      ...(flows === undefined ? {} : { flowRecords: (sensor, records) => this.files.flowRecords(sensor, records) }),
      ...(windows === undefined ? {} : { window: (window) => this.files.window(window) }),
    };
  }

  private incident(change: IncidentOutput): void {
    const { id, kind, severity, title } = change.incident;
    this.parts.log.debug({ id, kind, severity, title }, change.kind);
    this.ledger.record(change);
    if (!this.parts.options.json) this.printer.change(change);
    // A file's incidents are written at its end in an order that does not depend on how it was cut into batches.
    if (change.kind === 'incident-closed' && this.parts.chosen.source.kind === 'live') this.writeFinal(change.incident);
  }

  private writeFinal(incident: Incident): void {
    this.files.incident(incident);
    if (this.parts.options.json) this.print(`${JSON.stringify(incident)}\n`);
  }

  private sensorCounters(counters: SensorCounters): void {
    const { packetsDroppedByKernel: kernel, packetsDroppedByInterface: card } = counters;
    const isMore = kernel > this.counters.packetsDroppedByKernel || card > this.counters.packetsDroppedByInterface;
    if (isMore) this.parts.log.warn({ kernel, interface: card }, 'packets were dropped before they could be read');
    this.counters = { ...counters };
  }

  private print(text: string): void {
    this.progressLine.clear();
    this.parts.io.stdout.write(text);
  }

  private elapsedMs(): number {
    return this.parts.io.elapsedMs() - this.startedMs;
  }
}
