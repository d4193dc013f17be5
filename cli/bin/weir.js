#!/usr/bin/env node
import { statSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 12)) {
  console.error(
    `weir: Node.js ${process.versions.node} is too old. Weir needs 20.12 or newer: see https://nodejs.org.`,
  );
  process.exit(2);
}
// npm starts scripts in the project's folder; file names are meant from where the user is.
if (process.env.npm_lifecycle_event === 'start' && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);

/** Last change of a file that a build wrote; 0 without it. */
const builtMs = (path) => statSync(new URL(`../../${path}`, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0;
const rooms = ['contracts', 'capture-agent', 'functions', 'dashboard/server', 'cli'];
const modulesMs = Math.max(...rooms.map((room) => builtMs(`${room}/dist/.tsbuildinfo`)));

// The same modules in a few files start in a fifth of the time: scripts/bundle.mjs. After `tsc -b` alone they are behind.
const isBundleFresh = builtMs('cli/dist/bundle/main.js') > modulesMs;
const { main } = isBundleFresh ? await import('../dist/bundle/main.js') : await import('../dist/main.js');
await main();
