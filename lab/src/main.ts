import { createInterface } from 'node:readline/promises';
import { ATTACKS } from './attacks/index.js';
import { BENIGN_ACTIVITIES } from './benign.js';
import { removeNetwork } from './namespaces.js';
import { parseRequest, type Request, USAGE } from './options.js';
import { runLaboratory } from './run.js';
import { installPackages, missingPackages, packageOf } from './tools.js';

const EVERYTHING = [...ATTACKS, ...BENIGN_ACTIVITIES].flatMap(({ tools }) => tools);

/** Does what was asked; gives the exit code. */
async function answer(request: Request): Promise<number> {
  switch (request.kind) {
    case 'help':
      process.stdout.write(USAGE);
      return 0;
    case 'list':
      process.stdout.write(`${catalogue()}\n`);
      return 0;
    case 'install':
      return install(request.isAgreed);
    case 'remove':
      needRoot();
      console.error(`removed ${removeNetwork().length} namespaces`);
      return 0;
    case 'run':
      needRoot();
      return runLaboratory(request);
  }
}

function needRoot(): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Error('the laboratory needs Linux and root, for network namespaces. Try: sudo npm run lab');
  }
}

function catalogue(): string {
  const attacks = ATTACKS.map(({ name, label, note, tools }) => [name, label, `${note}${origin(tools)}`]);
  const work = BENIGN_ACTIVITIES.map(({ name, everyS, summary, tools }) => [
    name,
    `every ${Math.round(everyS)} s`,
    `${summary}${origin(tools)}`,
  ]);
  return [['ATTACK', 'LABEL', 'HOW'], ...attacks, [], ['WORK', 'HOW OFTEN', 'WHAT'], ...work]
    .map(([name = '', label = '', text = '']) => `${name.padEnd(22)}${label.padEnd(42)}${text}`.trimEnd())
    .join('\n');
}

function origin(tools: readonly string[]): string {
  const packages = [...new Set(tools.map((tool) => packageOf(tool) ?? tool))];
  return packages.length > 0 ? ` [${packages.join(', ')}]` : '';
}

async function install(isAgreed: boolean): Promise<number> {
  const packages = missingPackages(EVERYTHING);
  if (packages.length === 0) {
    console.error('nothing is missing');
    return 0;
  }
  console.error(
    `These Debian packages will be installed with apt-get, none of their services started or enabled:\n  ${packages.join(' ')}`,
  );
  if (!isAgreed && !(await isConfirmed())) return 1;
  needRoot();
  installPackages(packages);
  return 0;
}

async function isConfirmed(): Promise<boolean> {
  if (!process.stdin.isTTY) {
    console.error('Nobody can be asked here: add --yes to agree.');
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const said = await terminal.question('Install them? [y/N] ');
  terminal.close();
  return /^y(es)?$/i.test(said.trim());
}

try {
  process.exitCode = await answer(parseRequest(process.argv.slice(2)));
} catch (error) {
  console.error(`lab: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 2;
}
