import { readFileSync } from 'node:fs';
import { defineCommand } from '../command.js';
import { ExitCode } from '../errors.js';

export const version = defineCommand({
  name: 'version',
  usage: '',
  maxOperands: 0,
  description: 'Prints the version of Weir and of Node.js, for reports.',
  options: {},
  examples: [{ line: 'weir version', meaning: 'For a bug report.' }],
  run: async ({ io }) => {
    io.stdout.write(`weir ${weirVersion()} (Node.js ${process.versions.node})\n`);
    return ExitCode.ok;
  },
});

/** Version of Weir, such as `0.1.0`. */
export function weirVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
