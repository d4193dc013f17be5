import { CLIENTS } from './network.js';
import type { Running } from './programs.js';

/** What an activity may do: start programs on machines, wait in event time, and choose with the run's own chances. */
export interface Stage {
  /** Folder of what the laboratory made for this run: keys, pages, word lists. */
  readonly folder: string;
  /** Runs a program to its end; gives its exit code. It is ended after `limitS` seconds (60 unless told). */
  run(machine: string, argv: readonly string[], limitS?: number): Promise<number>;
  /** Starts a program that goes on beside the activity, and is ended with it. */
  start(machine: string, argv: readonly string[], limitS: number): Running;
  /** Waits in event time. */
  pause(seconds: number): Promise<void>;
  /** A number in [0, 1) that follows from the seed. */
  random(): number;
}

/** One of a list, by chance. */
export function choose<Item>(stage: Stage, items: readonly Item[]): Item {
  return items[Math.floor(stage.random() * items.length)]!;
}

/** One of the desks, by chance. */
export function desk(stage: Stage): string {
  return choose(stage, CLIENTS);
}

/** Fetches addresses (URLs) one after the other on kept connections, and throws what comes away. */
export function fetchArgs(urls: readonly string[], ...options: string[]): string[] {
  return ['curl', '-s', '-k', '--max-time', '50', ...options, ...urls.flatMap((url) => ['-o', '/dev/null', url])];
}

/** `ssh` with the laboratory's key. */
export function sshArgs(stage: Stage, ...rest: string[]): string[] {
  return ['ssh', '-F', `${stage.folder}/keys/ssh_config`, ...rest];
}

/** Numbers in [0, 1) that follow from a seed (mulberry32). */
export function chances(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
