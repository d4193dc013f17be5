/**
 * What `npm start` and `npm test` need before they run: packages installed, sources built. Does either only when
 * something changed since it last did, says in one line what it does, and keeps off standard output.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Oldest Node.js that Weir runs on: [major, minor]. */
export const OLDEST_NODE = /** @type {const} */ ([20, 11]);

/**
 * What to tell a user whose Node.js is too old, or undefined.
 * @param {string} version such as `20.11.1`
 */
export function nodeComplaint(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return undefined;
  return `weir: Node.js ${version} is too old. Weir needs ${OLDEST_NODE.join('.')} or newer: see https://nodejs.org.`;
}

/**
 * What must be done, from what was done before and what is there now.
 * @param {{ lock?: string, sources?: string }} done digests at the last run
 * @param {{ lock: string, sources: string, hasPackages: boolean, hasBuild: boolean }} now
 * @returns {{ install: boolean, build: boolean }}
 */
export function planWork(done, now) {
  const install = !now.hasPackages || done.lock !== now.lock;
  return { install, build: install || !now.hasBuild || done.sources !== now.sources };
}

/**
 * Digest of the names and contents of files; the order does not matter.
 * @param {Iterable<[name: string, content: string | Uint8Array]>} files
 */
export function digestFiles(files) {
  const hash = createHash('sha256');
  for (const [name, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * Files that decide what a build gives: sources and settings, not tests.
 * @param {string} root
 * @param {readonly string[]} rooms
 */
function sourceFiles(root, rooms) {
  const paths = rooms.flatMap((room) => [
    join(room, 'tsconfig.json'),
    join(room, 'package.json'),
    ...typescriptIn(root, room),
  ]);
  return ['tsconfig.base.json', 'tsconfig.json', ...paths].map(
    (path) => /** @type {[string, Uint8Array]} */ ([path, readFileSync(join(root, path))]),
  );
}

/** @param {string} root @param {string} room */
function typescriptIn(root, room) {
  return readdirSync(join(root, room, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)));
}

/** @param {string} root */
function lookAround(root) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  /** @type {{ workspaces: string[] }} */
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return {
    lock: digestFiles([['package-lock.json', lock]]),
    sources: digestFiles(sourceFiles(root, workspaces)),
    hasPackages: existsSync(join(root, 'node_modules', 'typescript')),
    hasBuild: workspaces.every((room) => existsSync(join(root, room, 'dist', 'index.js'))),
  };
}

/**
 * The record of the last run; an installation by hand that is newer than the lock file counts as one.
 * @param {string} root
 * @param {string} recordPath
 * @param {string} lock
 * @returns {{ lock?: string, sources?: string }}
 */
function lastRun(root, recordPath, lock) {
  const record = existsSync(recordPath) ? JSON.parse(readFileSync(recordPath, 'utf8')) : {};
  const installed = join(root, 'node_modules', '.package-lock.json');
  const isByHand = existsSync(installed) && changedMs(installed) >= changedMs(join(root, 'package-lock.json'));
  return isByHand ? { ...record, lock } : record;
}

/** @param {string} path */
function changedMs(path) {
  return statSync(path).mtimeMs;
}

/**
 * Runs a step quietly; what it printed is shown only when it fails, and then the process ends.
 * @param {string} root
 * @param {string} says
 * @param {readonly string[]} command
 */
function runStep(root, says, command) {
  process.stderr.write(`weir: ${says}\n`);
  const [program = '', ...rest] = command;
  const result = spawnSync(program, rest, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error ?? ''}\n`);
  process.stderr.write(`weir: this step failed: ${command.join(' ')}\n`);
  process.exit(1);
}

/** @param {string} root */
function prepare(root) {
  const recordPath = join(root, '.weir', 'prepared.json');
  const now = lookAround(root);
  const work = planWork(lastRun(root, recordPath, now.lock), now);
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  if (work.install)
    runStep(root, 'installing packages (npm ci)', [...npm, 'ci', '--include=dev', '--no-fund', '--no-audit']);
  if (work.build) {
    runStep(root, 'building (tsc -b)', [
      process.execPath,
      join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
      '-b',
    ]);
  }
  mkdirSync(join(root, '.weir'), { recursive: true });
  writeFileSync(recordPath, `${JSON.stringify({ lock: now.lock, sources: now.sources })}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const complaint = nodeComplaint(process.versions.node);
  if (complaint) {
    process.stderr.write(`${complaint}\n`);
    process.exit(1);
  }
  prepare(fileURLToPath(new URL('..', import.meta.url)));
}
