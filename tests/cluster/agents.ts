import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './docker.js';

/** What an agent sends, and how. */
export interface AgentRun {
  readonly brokers: string;
  readonly sensor: string;
  readonly capture: string;
  /** Default `max`. */
  readonly speed?: string;
  /** Default 2. */
  readonly partitions?: number;
  /** The file counts again though this sensor sent it before. Default true. */
  readonly isNewRun?: boolean;
  /** Largest batch. Default: that of the agent. */
  readonly batchPackets?: number;
}

/** A real agent, as a process of its own. */
export class Agent {
  /** Resolves with the exit code, or null when it was killed. */
  readonly ended: Promise<number | null>;
  private readonly process: ChildProcess;
  private said = '';

  constructor({ brokers, sensor, capture, speed = 'max', partitions = 2, isNewRun = true, batchPackets }: AgentRun) {
    const options = ['--kafka', brokers, '--sensor', sensor, '--speed', speed, '--partitions', String(partitions)];
    const cut = batchPackets === undefined ? [] : ['--batch', String(batchPackets)];
    const args = [join(ROOT, 'cli/bin/weir.js'), 'agent', '--read', capture, ...options, ...cut];
    this.process = spawn(process.execPath, isNewRun ? [...args, '--new-run'] : args, {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.on('data', (text: Buffer) => {
        this.said = `${this.said}${text.toString()}`.slice(-4096);
      });
    this.ended = new Promise((resolve) => this.process.once('exit', resolve));
  }

  kill(): void {
    this.process.kill('SIGKILL');
  }

  /** Waits for the end; throws with its last words when that is not a good one. */
  async finish(): Promise<void> {
    const code = await this.ended;
    if (code !== 0) throw new Error(`the agent ended with ${code}:\n${this.said}`);
  }
}

/** Runs an agent to its end. */
export function sendCapture(run: AgentRun): Promise<void> {
  return new Agent(run).finish();
}
