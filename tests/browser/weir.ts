import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../cli/bin/weir.js', import.meta.url));
const START_MS = 60_000;

/** A running `weir start`. */
export interface RunningWeir {
  /** Where it listens, such as `http://127.0.0.1:4711`. */
  readonly origin: string;
  readonly port: number;
  /** The link good once, of a run without passwords; waits until it is printed. */
  link(): Promise<string>;
  /** The first password; waits until it is printed. */
  password(): Promise<string>;
  /** All that it printed so far. */
  printed(): string;
  /** Ends it as Ctrl-C does. Resolves when it is gone. */
  stop(): Promise<void>;
  /** Ends it without a warning. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** How to start it, besides the arguments. */
export interface StartOptions {
  /** Default: one that is free. */
  readonly port?: number;
  /** Called with where to write what it reads, when it is started with `-`: it looks at its input before it listens. */
  readonly feed?: (input: Writable) => void;
}

/** Starts Weir as `npm start -- …` does once it is built. Rejects with what it printed when it does not come up. */
export async function startWeir(args: readonly string[] = [], { port, feed }: StartOptions = {}): Promise<RunningWeir> {
  const chosen = port ?? (await freePort());
  const command = [BIN, 'start', '--listen', `127.0.0.1:${chosen}`, ...args];
  const child = spawn(process.execPath, command, { stdio: [feed ? 'pipe' : 'ignore', 'pipe', 'pipe'] });
  if (child.stdin) feed?.(child.stdin);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream!.on('data', (text: Buffer) => (output += text));
  const origin = `http://127.0.0.1:${chosen}`;
  await answered(origin, () => {
    if (child.exitCode !== null) throw new Error(`weir start ended with ${child.exitCode}:\n${output}`);
  });
  const find = async (pattern: RegExp) => {
    await until(() => pattern.test(output));
    return pattern.exec(output)![1]!;
  };
  return {
    origin,
    port: chosen,
    link: () => find(/(http:\S+token=\S+)/),
    password: () => find(/password (\S+)/),
    printed: () => output,
    stop: () => end(child, 'SIGINT'),
    kill: () => end(child, 'SIGKILL'),
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}

/** A port that nothing listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve((address as { port: number }).port));
    });
  });
}

async function answered(origin: string, check: () => void): Promise<void> {
  await until(async () => {
    check();
    return fetch(`${origin}/api/v1/version`).then(
      ({ ok }) => ok,
      () => false,
    );
  }, START_MS);
}

/** Resolves when `holds`, asked again and again; rejects after `withinMs`. What `holds` throws ends it at once. */
export async function until(holds: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`what was waited for did not come within ${withinMs} ms`);
    await pause(50);
  }
}
