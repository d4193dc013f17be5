import type { Output } from '../io.js';
import { type Paint, plainPaint } from '../report/paint.js';
import { reasonOf } from '../results/result-file.js';

/** Levels, least first. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'off'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogFields = Readonly<Record<string, unknown>>;

/** One line of a log. */
export interface LogEntry {
  readonly atMs: number;
  readonly level: LogLevel;
  readonly fields: LogFields;
  readonly message: string;
}

/** Where log entries go. */
export type LogSink = (entry: LogEntry) => void;

/** Structured log: fields first, then a message in lower case. */
export class Logger {
  constructor(
    private readonly level: LogLevel,
    private readonly nowMs: () => number,
    private readonly sinks: readonly LogSink[],
  ) {}

  debug(fields: LogFields, message: string): void {
    this.log('debug', fields, message);
  }

  info(fields: LogFields, message: string): void {
    this.log('info', fields, message);
  }

  warn(fields: LogFields, message: string): void {
    this.log('warn', fields, message);
  }

  error(fields: LogFields, message: string): void {
    this.log('error', fields, message);
  }

  private log(level: LogLevel, fields: LogFields, message: string): void {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(this.level)) return;
    const entry = { atMs: this.nowMs(), level, fields, message };
    for (const sink of this.sinks) sink(entry);
  }
}

/** One JSON object with its line break: time, level, message, then the fields. */
export function jsonLogLine({ atMs, level, fields, message }: LogEntry): string {
  return `${JSON.stringify({ time: new Date(atMs).toISOString(), level, message, ...fields })}\n`;
}

/** `12:00:01 warn  packets dropped  kernel=3`. */
export function prettyLogLine({ atMs, level, fields, message }: LogEntry, paint: Paint = plainPaint): string {
  const details = Object.entries(fields).map(([name, value]) => `${name}=${fieldText(value)}`);
  const clock = new Date(atMs).toISOString().slice(11, 19);
  const colour = level === 'error' ? 'red' : level === 'warn' ? 'yellow' : 'dim';
  return `${[`${clock} ${paint(level.padEnd(5), colour)} ${message}`, ...details].join('  ')}\n`;
}

function fieldText(value: unknown): string {
  return typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value);
}

/** Log lines on standard error: readable on a terminal, JSON lines elsewhere. */
export function consoleSink(output: Output, paint: Paint): LogSink {
  return (entry) => void output.write(output.isTerminal ? prettyLogLine(entry, paint) : jsonLogLine(entry));
}

/**
 * Log lines in a file. A log that cannot be written does not end what it tells of: lines are lost, which is told at once to
 * `other` and, with their number, in the file as soon as it takes lines again.
 */
export function fileSink(file: { write(line: string): void }, other: LogSink | undefined): LogSink {
  let lost = 0;
  return (entry) => {
    try {
      if (lost > 0)
        file.write(jsonLogLine({ ...entry, level: 'warn', fields: { lines: lost }, message: 'log lines were lost' }));
      lost = 0;
      file.write(jsonLogLine(entry));
    } catch (error) {
      if (lost === 0)
        other?.({
          ...entry,
          level: 'error',
          fields: { reason: reasonOf(error) },
          message: 'log file cannot be written',
        });
      lost++;
    }
  };
}
