/**
 * What `npm start` and `npm test` need before they run: packages installed, sources built. Does either only when
 * something changed since it last did, says in one line what it does, and keeps off standard output.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

/** Oldest Node.js that Weir runs on: [major, minor]. */
export const OLDEST_NODE = /** @type {const} */ ([20, 12]);

/** Folders of AssemblyScript, each compiled to `build/<folder>.wasm` in it. */
const COMPILED_CORES = ['capture-agent/decode-core', 'functions/flow-core'];

/** The room that vite builds; tsc builds all others. */
const PAGE_ROOM = 'dashboard/web';

/**
 * What to tell a user whose Node.js is too old, or undefined.
 * @param {string} version such as `20.12.1`
 */
export function nodeComplaint(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return undefined;
  return `weir: Node.js ${version} is too old. Weir needs ${OLDEST_NODE.join('.')} or newer: see https://nodejs.org.`;
}

/**
 * What must be done, from what was done before and what is there now.
 * @param {{ lock?: string, sources?: string, page?: string }} done digests at the last run
 * @param {{ lock: string, sources: string, page: string, hasPackages: boolean, hasBuild: boolean, hasPage: boolean }} now
 * @returns {{ install: boolean, build: boolean, page: boolean }}
 */
export function planWork(done, now) {
  const install = !now.hasPackages || done.lock !== now.lock;
  return {
    install,
    build: install || !now.hasBuild || done.sources !== now.sources,
    page: install || !now.hasPage || done.page !== now.page,
  };
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
  const cores = COMPILED_CORES.flatMap((core) =>
    readdirSync(join(root, core))
      .filter((name) => name.endsWith('.ts') && name !== 'generated.ts')
      .map((name) => join(core, name)),
  );
  const steps = ['scripts/build-cores.mjs', 'scripts/bundle.mjs'];
  return ['tsconfig.base.json', 'tsconfig.json', ...steps, ...cores, ...paths].map(
    (path) => /** @type {[string, Uint8Array]} */ ([path, readFileSync(join(root, path))]),
  );
}

/**
 * Files that decide what the page is.
 * @param {string} root
 */
function pageFiles(root) {
  const inPage = ['package.json', 'index.html', 'vite.config.ts', 'svelte.config.js'].map((name) =>
    join(PAGE_ROOM, name),
  );
  const folders = [join(PAGE_ROOM, 'src'), join(PAGE_ROOM, 'public'), join('contracts', 'src', 'dashboard-api')];
  const paths = [...inPage, ...folders.flatMap((folder) => filesIn(root, folder))];
  return paths
    .filter((path) => existsSync(join(root, path)))
    .map((path) => /** @type {[string, Uint8Array]} */ ([path, readFileSync(join(root, path))]));
}

/** @param {string} root @param {string} folder */
function filesIn(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)));
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
  const rooms = workspaces.filter((room) => room !== PAGE_ROOM);
  return {
    lock: digestFiles([['package-lock.json', lock]]),
    sources: digestFiles(sourceFiles(root, rooms)),
    page: digestFiles(pageFiles(root)),
    hasPackages: existsSync(join(root, 'node_modules', 'typescript')),
    hasBuild:
      rooms.every((room) => existsSync(join(root, room, 'dist', 'index.js'))) &&
      COMPILED_CORES.every((core) => existsSync(join(root, core, 'build', `${basename(core)}.wasm`))),
    hasPage: existsSync(join(root, PAGE_ROOM, 'dist', 'index.html')),
  };
}

/**
 * The record of the last run; an installation by hand that is newer than the lock file counts as one.
 * @param {string} root
 * @param {string} recordPath
 * @param {string} lock
 * @returns {{ lock?: string, sources?: string, page?: string }}
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
 * Runs a step quietly; what it printed is shown only when it fails.
 * @param {string} root
 * @param {string} says
 * @param {readonly string[]} command
 * @returns {boolean} whether it succeeded
 */
function tryStep(root, says, command) {
  process.stderr.write(`weir: ${says}\n`);
  const [program = '', ...rest] = command;
  const result = spawnSync(program, rest, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.status === 0) return true;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error ?? ''}\n`);
  process.stderr.write(`weir: this step failed: ${command.join(' ')}\n`);
  return false;
}

/** @param {string} root */
function prepare(root) {
  const recordPath = join(root, '.weir', 'prepared.json');
  const now = lookAround(root);
  const done = lastRun(root, recordPath, now.lock);
  const work = planWork(done, now);
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const install = [...npm, 'ci', '--include=dev', '--no-fund', '--no-audit'];
  if (work.install && !tryStep(root, 'installing packages (npm ci)', install)) process.exit(1);
  if (work.build && !build(root)) process.exit(1);
  // Everything but the page works without the page, and says that it is missing.
  const hasPage = work.page ? buildPage(root) : true;
  mkdirSync(join(root, '.weir'), { recursive: true });
  const record = { lock: now.lock, sources: now.sources, ...(hasPage ? { page: now.page } : {}) };
  writeFileSync(recordPath, `${JSON.stringify(record)}\n`);
}

/** @param {string} root */
function build(root) {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const cores = join(root, 'scripts', 'build-cores.mjs');
  const bundle = join(root, 'scripts', 'bundle.mjs');
  return (
    tryStep(root, 'building (tsc -b)', [process.execPath, compiler, '-b']) &&
    tryStep(root, 'building the compiled cores', [process.execPath, cores]) &&
    tryStep(root, 'bundling, for a quick start', [process.execPath, bundle])
  );
}

/**
 * Builds the dashboard's page and compresses its files beside themselves.
 * @param {string} root
 */
function buildPage(root) {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  if (!tryStep(root, 'building the page (vite)', [process.execPath, vite, 'build', PAGE_ROOM, '--logLevel', 'warn'])) {
    process.stderr.write('weir: going on without the page of the dashboard\n');
    return false;
  }
  for (const path of filesIn(root, join(PAGE_ROOM, 'dist'))) {
    if (!/\.(?:html|js|css|svg|json|webmanifest)$/.test(path)) continue;
    const bytes = readFileSync(join(root, path));
    writeFileSync(join(root, `${path}.gz`), gzipSync(bytes, { level: 9 }));
    writeFileSync(join(root, `${path}.br`), brotliCompressSync(bytes));
  }
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const complaint = nodeComplaint(process.versions.node);
  if (complaint) {
    process.stderr.write(`${complaint}\n`);
    process.exit(1);
  }
  prepare(fileURLToPath(new URL('..', import.meta.url)));
}
