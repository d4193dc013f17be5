import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** How another program reads a capture file; `FILE` and `FOLDER` (an empty one) stand in its arguments. */
export interface Peer {
  readonly name: string;
  readonly args: readonly string[];
}

/**
 * Programs with which Weir is compared where they are installed, with their own default settings. softflowd exports to a
 * closed port of this machine, as it must export somewhere.
 */
export const PEERS: readonly Peer[] = [
  { name: 'softflowd', args: ['-d', '-r', 'FILE', '-n', '127.0.0.1:9', '-p', 'FOLDER/pid', '-c', 'none'] },
  { name: 'argus', args: ['-r', 'FILE', '-w', '/dev/null'] },
  { name: 'ndpiReader', args: ['-i', 'FILE', '-q'] },
];

export type PeerResult =
  | { readonly kind: 'missing'; readonly name: string }
  | { readonly kind: 'failed'; readonly name: string; readonly reason: string }
  | { readonly kind: 'measured'; readonly name: string; readonly packets: number; readonly cpuSeconds: number };

/** What the peer reads, and a folder where it may write. */
export interface PeerInput {
  readonly file: string;
  readonly folder: string;
  readonly packets: number;
}

const LONGEST_RUN_MS = 600_000;

/** User and system time of one run of `peer`, as bash measures it. */
export function measurePeer(peer: Peer, { file, folder, packets }: PeerInput): PeerResult {
  const program = findProgram(peer.name);
  if (!program) return { kind: 'missing', name: peer.name };
  const args = peer.args.map((arg) => arg.replace('FILE', file).replace('FOLDER', folder));
  const script = 'TIMEFORMAT="%U %S"; time "$@" >/dev/null 2>&1';
  const { status, stderr } = spawnSync('bash', ['-c', script, 'bash', program, ...args], {
    encoding: 'utf8',
    cwd: folder,
    timeout: LONGEST_RUN_MS,
  });
  if (status !== 0) return { kind: 'failed', name: peer.name, reason: `exit code ${status}` };
  return { kind: 'measured', name: peer.name, packets, cpuSeconds: cpuSecondsIn(stderr) };
}

/** Sum of the two numbers in bash's `%U %S`. NaN when they are not there. */
export function cpuSecondsIn(text: string): number {
  const [user = Number.NaN, system = Number.NaN] = text.trim().split(/\s+/).slice(-2).map(Number);
  return user + system;
}

/** Folders where Debian keeps daemons, which are not on every user's path. */
const DAEMON_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...DAEMON_FOLDERS];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
