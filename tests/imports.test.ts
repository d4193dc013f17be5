import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { breachOf, importsOf, readImports, roomFiles } from './imports.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const files = roomFiles(ROOT);

/** Each breach as `file:line imports "x": why`. */
function breachesIn(file: string, text: string): string[] {
  return readImports(file, text).flatMap((found) => {
    const breach = breachOf(found);
    return breach === undefined ? [] : [`${file}:${found.line} imports ${JSON.stringify(found.specifier)}: ${breach}`];
  });
}

/** Breaches that may stand, each once. */
const EXCEPTIONS = [
  {
    file: 'capture-agent/src/sources/capture-driver.ts',
    why: 'computes the name',
    because: 'the optional package pcap has no types and is replaced in tests; the only name passed in is "pcap"',
  },
];

describe('the rooms', () => {
  const breaches = files.flatMap((file) => breachesIn(file, readFileSync(join(ROOT, file), 'utf8')));
  const excused = (breach: string) =>
    EXCEPTIONS.filter(({ file, why }) => breach.startsWith(`${file}:`) && breach.includes(why)).length > 0;

  it('import along the arrows of the design, and no other way', () => {
    expect(breaches.filter((breach) => !excused(breach))).toEqual([]);
  });

  it('need each exception, once', () => {
    expect(breaches.filter(excused).length).toBe(EXCEPTIONS.length);
  });

  it('are all read', () => {
    for (const room of ['contracts', 'capture-agent', 'functions', 'cli']) {
      expect(files.some((file) => file.startsWith(`${room}/src/`))).toBe(true);
    }
    const specifiers = files.flatMap((file) => importsOf(ROOT, file)).map(({ specifier }) => specifier);
    expect(specifiers.filter((specifier) => specifier === '@weir/contracts').length).toBeGreaterThan(5);
  });
});

describe('the check of imports', () => {
  it.each([
    ['functions/src/flow/a.ts', `import { x } from '@weir/contracts';`],
    ['functions/src/flow/a.ts', `import { x } from '../features/b.js';`],
    ['functions/src/runtime/statefun/a.ts', `import { StateFun } from 'apache-flink-statefun';`],
    ['cli/src/a.ts', `const agent = await import('@weir/capture-agent');`],
    ['cli/src/a.ts', `import * as d from '@weir/dashboard-server';`],
    ['contracts/src/a.ts', `import { createHash } from 'node:crypto';`],
    ['contracts/src/a.test.ts', `import { isIPv6 } from 'node:net';`],
    ['capture-agent/src/a.ts', `const name = 'pcap'; const pcap = await import(name);`],
    ['capture-agent/src/a.ts', `// import x from '@weir/functions';\nconst s = "import('@weir/functions')";`],
  ])('lets %s say %s', (file, text) => {
    expect(breachesIn(file, text)).toEqual([]);
  });

  it.each([
    ['contracts/src/a.ts', `import { x } from '@weir/functions';`, 'contracts may not import functions'],
    ['contracts/src/a.ts', `import { readFileSync } from 'node:fs';`, 'I/O'],
    ['contracts/src/a.ts', `import { performance } from 'node:perf_hooks';`, 'clock'],
    ['capture-agent/src/a.ts', `import type { x } from '@weir/functions';`, 'may not import'],
    ['functions/src/a.ts', `export * from '@weir/capture-agent';`, 'may not import'],
    ['functions/src/a.ts', `await import('@weir/cli');`, 'may not import'],
    ['functions/src/a.ts', 'await import(`@weir/cli`);', 'may not import'],
    ['functions/src/a.ts', `let x: import('@weir/cli').X;`, 'may not import'],
    ['functions/src/a.ts', `import x = require('@weir/cli');`, 'may not import'],
    ['functions/src/a.ts', `const x = require('@weir/cli');`, 'may not import'],
    ['functions/src/a.ts', `import.meta.resolve('@weir/cli');`, 'may not import'],
    ['functions/src/a.ts', `const room = '@weir/cli'; await import(room);`, 'may not import'],
    ['functions/src/a.ts', `await import('@weir/' + 'cli');`, 'computes'],
    ['functions/src/a.ts', `import { x } from '@weir/functions';`, 'may not import'],
    ['functions/src/a.ts', `import { x } from '@weir/kitchen';`, 'no room'],
    ['functions/src/a.test.ts', `import { x } from '@weir/capture-agent';`, 'may not import'],
    [
      'dashboard/web/src/A.svelte',
      `<p>hi</p>\n<script lang="ts">\nimport x from '@weir/functions';\n</script>`,
      'dashboard/web',
    ],
    ['dashboard/server/src/a.ts', `import x from '../../web/src/b.js';`, 'leaves its room'],
    ['cli/src/a.ts', `import { x } from '../../contracts/src/index.js';`, 'leaves its room'],
    ['cli/src/a.ts', `import { x } from '@weir/contracts/dist/columns.js';`, 'reaches inside'],
    ['cli/src/a.ts', `import x from '../node_modules/x/index.js';`, 'node_modules'],
    ['cli/src/a.ts', `import x from '/opt/x.js';`, 'machine'],
    ['functions/src/flow/a.ts', `import 'apache-flink-statefun';`, 'SDK'],
    ['functions/src/runtime/embedded/a.ts', `import 'apache-flink-statefun/x';`, 'SDK'],
    ['cli/src/a.ts', `import('apache-flink-statefun');`, 'SDK'],
  ])('refuses that %s says %s', (file, text, why) => {
    const breaches = breachesIn(file, text);
    expect(breaches.length).toBe(1);
    expect(breaches[0]).toContain(why);
  });

  it('tells the line in a component', () => {
    const text = '<p/>\n\n<script lang="ts">\nimport x from "@weir/cli";\n</script>';
    expect(readImports('dashboard/web/a.svelte', text)).toMatchObject([{ line: 4 }]);
  });
});
