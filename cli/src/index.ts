export type { Command } from './command.js';
export { COMMANDS } from './commands/index.js';
export { ExitCode, UsageError } from './errors.js';
export type { Io, Output } from './io.js';
export { createMemoryIo } from './memory-io.js';
export { run } from './run.js';
