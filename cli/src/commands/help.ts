import { type Command, defineCommand } from '../command.js';
import { ExitCode, UsageError } from '../errors.js';
import { commandHelp, describedLine } from '../options/help.js';
import { didYouMean } from '../options/suggest.js';
import type { CommandEntry } from './index.js';

/** Headings of the overview, in its order. */
const COMMAND_GROUPS = ['Look at traffic', 'Run a cluster', 'Try and measure', 'Models', 'About Weir'] as const;
export type CommandGroup = (typeof COMMAND_GROUPS)[number];

/** The help command over all commands, itself included. */
export function helpOn(commands: readonly CommandEntry[]): Command {
  return defineCommand({
    name: 'help',
    usage: '[COMMAND]',
    maxOperands: 1,
    description: 'Lists the commands, or explains one of them.',
    options: {},
    examples: [{ line: 'weir help analyze', meaning: 'All options of weir analyze.' }],
    run: async ({ operands: [name], io }) => {
      const { columns } = io.stdout;
      if (name === undefined) io.stdout.write(overview(commands, columns));
      else io.stdout.write(commandHelp(await findCommand(commands, name).load(), columns));
      return ExitCode.ok;
    },
  });
}

/** The command called `name`. Throws a UsageError that suggests the nearest name. */
export function findCommand(commands: readonly CommandEntry[], name: string): CommandEntry {
  const found = commands.find((command) => command.name === name);
  if (found) return found;
  const names = commands.map((command) => command.name);
  const hint = didYouMean(name, names) || `Known: ${names.join(', ')}.`;
  throw new UsageError(`unknown command "${name}". ${hint} To analyse a file: weir analyze FILE.`);
}

/** The page of `weir help`. */
export function overview(commands: readonly CommandEntry[], columns: number): string {
  const lines = [
    'weir finds what does not belong on a network, and says why.\n',
    'Usage: weir COMMAND [options]\n',
    ...COMMAND_GROUPS.map((group) => groupText(commands, group, columns)),
    'To begin: weir start (a look around), weir analyze FILE (a capture of your own).',
    'weir help COMMAND explains a command, with examples.',
    '\nExit codes: 0 done, 1 incidents found (only with --fail-on), 2 bad usage or input, 3 a defect in Weir.',
  ];
  return `${lines.join('\n')}\n`;
}

function groupText(commands: readonly CommandEntry[], group: CommandGroup, columns: number): string {
  const members = commands.filter((command) => command.group === group);
  const lines = members.map(({ name, summary }) => describedLine(name, summary, columns));
  return `${group}:\n${lines.join('\n')}\n`;
}
