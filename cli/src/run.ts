import type { Command } from './command.js';
import { findCommand } from './commands/help.js';
import { COMMANDS } from './commands/index.js';
import { ExitCode, ReaderLeftError, UsageError } from './errors.js';
import type { Io } from './io.js';
import { commandHelp } from './options/help.js';
import { parseLine } from './options/parse.js';

/** Runs one command line (without `node` and the script) and gives its exit code. Never throws. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    return reportError(error, io);
  }
}

const SHORTHANDS: Readonly<Record<string, string>> = {
  '--help': 'help',
  '-h': 'help',
  '--version': 'version',
  '-v': 'version',
};

async function dispatch([first = 'help', ...args]: readonly string[], io: Io): Promise<number> {
  const command = await findCommand(COMMANDS, SHORTHANDS[first] ?? first).load();
  if (args.some((arg) => arg === '--help' || arg === '-h')) {
    io.stdout.write(commandHelp(command, io.stdout.columns));
    return ExitCode.ok;
  }
  const { options, operands } = parseLine(command.options, args);
  refuseExtraOperands(command, operands);
  return command.run({ options, operands, io });
}

function refuseExtraOperands({ name, maxOperands }: Command, operands: readonly string[]): void {
  if (operands.length <= maxOperands) return;
  throw new UsageError(`weir ${name} does not know what to do with "${operands[maxOperands]}". See weir help ${name}.`);
}

function reportError(error: unknown, io: Io): number {
  if (error instanceof ReaderLeftError) return ExitCode.ok;
  if (isForUser(error)) {
    io.stderr.write(`weir: ${error.message}\n`);
    return ExitCode.badInput;
  }
  const remedy = REMEDIES[codeOf(error) ?? ''];
  if (remedy !== undefined) {
    io.stderr.write(`weir: the system refused: ${(error as Error).message}. ${remedy}\n`);
    return ExitCode.badInput;
  }
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.stderr.write(`weir: this is a defect in Weir; please report it with what follows.\n${details}\n`);
  return ExitCode.defect;
}

/** What the system may refuse at any place, by its code, and what to do. */
const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'Change the permissions, or name another place.',
  EPERM: 'Change the permissions, or name another place.',
  EROFS: 'Name a place that can be written to.',
  ENOSPC: 'Make room, or name another place.',
  EDQUOT: 'Make room, or name another place.',
  EMFILE: 'Raise the limit of open files (ulimit -n).',
};

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

/** Errors whose message says what the user can do, by name: to load their rooms takes longer than most commands. */
const FOR_USERS: ReadonlySet<string> = new Set(['UsageError', 'SourceError', 'ModelError']);

function isForUser(error: unknown): error is Error {
  return error instanceof Error && FOR_USERS.has(error.name);
}
