#!/usr/bin/env node
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 12)) {
  console.error(
    `weir: Node.js ${process.versions.node} is too old. Weir needs 20.12 or newer: see https://nodejs.org.`,
  );
  process.exit(2);
}
// npm starts scripts in the project's folder; file names are meant from where the user is.
if (process.env.npm_lifecycle_event === 'start' && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);

const { main } = await import('../dist/main.js');
await main();
