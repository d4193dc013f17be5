import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { addressOf, buildCommands, MACHINES, NAMESPACE_PREFIX, namespaceOf, SWITCH_NAMESPACE } from './network.js';

/** Settings that `ip netns exec` lays over /etc for the programs of a namespace. */
const settingsFolder = (namespace: string) => `/etc/netns/${namespace}`;

/** The namespaces of a laboratory that are there now. */
export function presentNamespaces(): string[] {
  const listed = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  return listed
    .split('\n')
    .map((line) => line.split(' ')[0]!)
    .filter((name) => name.startsWith(NAMESPACE_PREFIX));
}

/** Builds the network. Throws when one is there already, or a command fails. */
export function buildNetwork(): void {
  if (presentNamespaces().length > 0) {
    throw new Error('a laboratory is there already. If none is running, remove what is left: npm run lab -- --remove.');
  }
  for (const command of buildCommands()) runCommand(command);
  for (const { name } of MACHINES) writeResolver(namespaceOf(name));
}

/** Removes every namespace of the laboratory, and ends the programs that are still in them. */
export function removeNetwork(): string[] {
  const namespaces = presentNamespaces();
  for (const namespace of namespaces) endProgramsOf(namespace);
  // The switch first: it holds one end of every cable.
  namespaces.sort((a, b) => Number(b === SWITCH_NAMESPACE) - Number(a === SWITCH_NAMESPACE));
  for (const namespace of namespaces) {
    execFileSync('ip', ['netns', 'delete', namespace]);
    rmSync(settingsFolder(namespace), { recursive: true, force: true });
  }
  return namespaces;
}

/** Programs in a namespace that the laboratory made are the laboratory's own. */
function endProgramsOf(namespace: string): void {
  const pids = execFileSync('ip', ['netns', 'pids', namespace], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean)
    .map(Number);
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function writeResolver(namespace: string): void {
  mkdirSync(settingsFolder(namespace), { recursive: true });
  writeFileSync(`${settingsFolder(namespace)}/resolv.conf`, `nameserver ${addressOf('dns')}\nsearch lab.test\n`);
  writeFileSync(
    `${settingsFolder(namespace)}/nsswitch.conf`,
    'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n',
  );
}

/** Runs a command of the network. Throws with what it said. */
export function runCommand([program, ...args]: readonly [string, ...string[]]): void {
  try {
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const said = (error as { stderr?: Buffer }).stderr?.toString().trim() || (error as Error).message;
    throw new Error(`the network does not do what it should: "${program} ${args.join(' ')}" said: ${said}`);
  }
}
