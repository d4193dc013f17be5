import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { type NamespaceState, startComplaint } from './guard.js';
import { namespaceOf } from './network.js';

/** A program to start on a machine. */
export interface Program {
  readonly machine: string;
  readonly argv: readonly string[];
  /** Ended after so long, whatever it does. */
  readonly limitS: number;
  readonly folder?: string;
}

/** A program that was started. */
export interface Running {
  readonly program: Program;
  readonly pid: number;
  /** What it prints. */
  readonly logPath: string;
  /** Resolves with the exit code when it ended; -1 when a signal ended it. */
  readonly ended: Promise<number>;
  /** Asks it to end, and makes it end two seconds later. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

const GRACE_MS = 2000;

/** Starts programs in namespaces of the laboratory and ends them; each is the leader of its own process group. */
export class Programs {
  readonly #running = new Set<Running>();
  readonly #logs: string;
  readonly #home: string;
  #started = 0;

  /** `logs` is the folder for what programs print, `home` what they take for their home. */
  constructor(logs: string, home: string) {
    this.#logs = logs;
    this.#home = home;
  }

  /** How many were started. */
  get started(): number {
    return this.#started;
  }

  /** Starts a program, after checking that it can reach nothing but the laboratory. Throws with the reason if it can. */
  start(program: Program): Running {
    const namespace = namespaceOf(program.machine);
    const complaint = startComplaint(namespaceState(namespace), program.argv);
    if (complaint) throw new Error(`${program.argv[0]} was not started on ${program.machine}: ${complaint}.`);
    const running = this.#spawn(namespace, program);
    this.#running.add(running);
    void running.ended.then(() => this.#running.delete(running));
    return running;
  }

  /** Ends all that still run, the newest first. */
  async endAll(): Promise<void> {
    await Promise.all([...this.#running].reverse().map((running) => running.end()));
  }

  #spawn(namespace: string, program: Program): Running {
    this.#started += 1;
    const name = `${String(this.#started).padStart(5, '0')}-${program.machine}-${program.argv[0]!.split('/').at(-1)}`;
    const logPath = join(this.#logs, `${name}.log`);
    const log = openSync(logPath, 'w');
    const child = spawn('ip', ['netns', 'exec', namespace, ...asMachine(program)], {
      stdio: ['ignore', log, log],
      detached: true,
      cwd: program.folder ?? this.#home,
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: this.#home, LANG: 'C.UTF-8' },
    });
    closeSync(log);
    const pid = child.pid ?? 0;
    const ended = new Promise<number>((resolve) => {
      child.once('error', () => resolve(-1));
      child.once('exit', (code) => resolve(code ?? -1));
    });
    const running = { program, pid, logPath, ended, end: (signal?: NodeJS.Signals) => endGroup(pid, ended, signal) };
    const limit = setTimeout(() => void running.end(), program.limitS * 1000);
    void ended.then(() => clearTimeout(limit));
    return running;
  }
}

/** The program under a host name of its machine's own, as it stands in greetings of mail and others. */
function asMachine({ machine, argv }: Program): string[] {
  return ['unshare', '--uts', 'sh', '-c', `hostname ${machine} && exec "$@"`, machine, ...argv];
}

async function endGroup(pid: number, ended: Promise<number>, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  signalGroup(pid, signal);
  const force = setTimeout(() => signalGroup(pid, 'SIGKILL'), GRACE_MS);
  await ended;
  clearTimeout(force);
  signalGroup(pid, 'SIGKILL');
}

/** A process group that is gone is no error. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    if (pid > 1) process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function namespaceState(namespace: string): NamespaceState {
  const ask = (...words: string[]) =>
    JSON.parse(execFileSync('ip', ['-n', namespace, '-j', ...words], { encoding: 'utf8' }) || '[]');
  return { links: ask('link'), routes: [...ask('route'), ...ask('-6', 'route')] };
}
