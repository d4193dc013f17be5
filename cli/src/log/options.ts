import type { Io } from '../io.js';
import type { OptionTable, OptionValues } from '../options/declaration.js';
import { paintFor } from '../report/paint.js';
import { consoleSink, fileSink, LOG_LEVELS, Logger, type LogLevel, type LogSink } from './logger.js';
import { RotatingFile } from './rotating-file.js';

/** Options of every command that logs. */
export const LOG_OPTIONS = {
  'log-level': { type: 'text', value: 'LEVEL', choices: LOG_LEVELS, description: 'Log: least level that is written; default warn, or info with --log-file' },
  'log-file': { type: 'text', value: 'FILE', description: 'Log: write here as well, as JSON lines; 10 MiB a file, five files' },
  quiet: { type: 'flag', description: 'Log: nothing on the console, and no progress bar' },
  color: { type: 'flag', default: true, description: 'No colours; so does NO_COLOR=1' },
} as const satisfies OptionTable; // biome-ignore format: one option a line

/** A log that must be closed. */
export interface OpenLog {
  readonly log: Logger;
  close(): void;
}

/** The log that the options ask for: standard error unless quiet, and a file on request. */
export function openLog(options: OptionValues<typeof LOG_OPTIONS>, io: Io): OpenLog {
  const path = options['log-file'];
  const file = path === undefined ? undefined : new RotatingFile(path);
  const level = (options['log-level'] ?? (file ? 'info' : 'warn')) as LogLevel;
  const sinks: LogSink[] = [];
  if (!options.quiet) sinks.push(consoleSink(io.stderr, paintFor(io.stderr, io.env, options.color)));
  if (file) sinks.push(fileSink(file, sinks[0]));
  return { log: new Logger(level, io.nowMs, sinks), close: () => file?.close() };
}
