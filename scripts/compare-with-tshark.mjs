/**
 * Compares what Weir makes of capture files with what tshark makes of them: packets and bytes of each conversation, DNS
 * names and Community IDs. Needs the build and tshark 4 or newer.
 *
 *   node scripts/compare-with-tshark.mjs [--all] FILE...
 *
 * `--all` lists every difference instead of the first ten of each kind. Exit code 0: all agree or differ for a known
 * reason; 1: something is unexplained; 2: a file cannot be read, or tshark is missing.
 */
import { basename } from 'node:path';
import {
  compareWithTshark,
  comparisonTable,
  differenceList,
  isUnexplained,
  reasonList,
  tsharkVersion,
} from '../cli/dist/compare/index.js';

const paths = process.argv.slice(2).filter((argument) => argument !== '--all');
const limit = process.argv.includes('--all') ? Number.POSITIVE_INFINITY : undefined;
process.exitCode = await main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  return 2;
});

async function main() {
  const version = tsharkVersion();
  if (paths.length === 0 || version === undefined) {
    console.error(version ? 'Name capture files to compare.' : 'tshark is not installed. Debian: apt install tshark.');
    return 2;
  }
  console.log(version);
  const files = [];
  for (const path of paths) {
    const file = { name: basename(path), comparison: await compareWithTshark(path) };
    files.push(file);
    const differences = differenceList(file, limit);
    if (differences.length > 0) console.log([`\n${file.name}`, ...differences].join('\n'));
  }
  console.log(['', comparisonTable(files), '', ...reasonList(files)].join('\n').trimEnd());
  return files.some(({ comparison }) => comparison.differences.some(isUnexplained)) ? 1 : 0;
}
