/**
 * Makes attacks harder to see, step by step, and writes into docs/evasion.md which steps were told. `npm run evasion` does
 * it; a test tries some of the rows again.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { replacePart } from './docs.mjs';

export const DOCUMENT = 'docs/evasion.md';
export const PART = 'evasion';

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(fileURLToPath(new URL('..', import.meta.url)));
  const { SWEEPS, evasionTable, measure } = await import(new URL('../cli/dist/evasion/index.js', import.meta.url).href);
  const results = [];
  for (const sweep of SWEEPS) results.push(await measure(sweep));
  writeFileSync(DOCUMENT, replacePart(readFileSync(DOCUMENT, 'utf8'), PART, evasionTable(results)));
}
