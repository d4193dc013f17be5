/**
 * Puts the built modules of all rooms, and the packages that are made of hundreds of files, into a few files: reading and
 * linking them one by one takes most of what a short command takes. cli/bin/weir.js starts the bundle unless the modules
 * were built after it, so a build that stops before this is only slower. Runs after `tsc -b`.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = join(root, 'cli', 'dist');
const folder = join(built, 'bundle');

/** The command, and the programs that it starts as processes of their own, which it looks for beside itself. */
const ENTRIES = {
  main: 'main.js',
  'stage-process': 'bench/stage-process.js',
  'work-process': 'dashboard/work-process.js',
};

/** Packages that go into the bundle; all others are loaded from where they are. */
const BUNDLED_PACKAGES = ['@weir/', '@sinclair/typebox', 'apache-arrow', 'flatbuffers', 'tslib'];
const isBundled = (/** @type {string} */ name) => BUNDLED_PACKAGES.some((start) => name.startsWith(start));

const FILE_OF_A_ROOM = /new URL\((['"`])(\.\.\/[^'"`]*)\1, import\.meta\.url\)/g;

/** Files that a module names by their place relative to its own are found from the bundle's place. */
const keepPlaces = {
  name: 'keep-places',
  /** @param {string} code @param {string} id */
  transform(code, id) {
    if (!code.includes('import.meta.url')) return undefined;
    return code.replaceAll(FILE_OF_A_ROOM, (_, __, path) => {
      const place = relative(folder, resolve(dirname(id), path))
        .split(sep)
        .join('/');
      return `new URL('${place}', import.meta.url)`;
    });
  },
};

const bundle = await rolldown({
  input: Object.fromEntries(Object.entries(ENTRIES).map(([name, path]) => [name, join(built, path)])),
  platform: 'node',
  external: (name) => !name.startsWith('.') && !name.startsWith('/') && !isBundled(name) && !name.includes(':\\'),
  plugins: [keepPlaces],
});
const { output } = await bundle.generate({
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
});
await bundle.close();
mkdirSync(folder, { recursive: true });
const names = new Set(output.map(({ fileName }) => fileName));
// Entries last: what a process finds through them is then there.
for (const file of output.toSorted((a, b) => Number(isEntry(a)) - Number(isEntry(b))))
  writeFileSync(join(folder, file.fileName), file.type === 'chunk' ? file.code : file.source);
for (const name of readdirSync(folder)) if (!names.has(name)) rmSync(join(folder, name));

/** @param {import('rolldown').OutputChunk | import('rolldown').OutputAsset} file */
function isEntry(file) {
  return file.type === 'chunk' && file.isEntry;
}
