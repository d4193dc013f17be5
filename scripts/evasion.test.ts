import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isTold, SWEEPS, type Sweep, stepsOf, stepText } from '../cli/src/evasion/index.js';
import { DOCUMENT } from './evasion.mjs';

const document = readFileSync(new URL(`../${DOCUMENT}`, import.meta.url), 'utf8');

/** Rows that are tried again: quick ones, of each group. */
const TRIED_AGAIN = [
  'web-probing',
  'icmp-flood',
  'password-guessing',
  'generated-domains',
  'high-entropy',
  'name-poisoning',
  'smb-control',
  'mining',
];

/** Steps in a cell of the table, as they are written there. */
function stepsIn(cell: string): string[] {
  return cell === '–' ? [] : cell.split(', ');
}

function rowOf({ detectors, changed }: Sweep) {
  const start = `| ${detectors.join(', ')} | ${changed} | `;
  const row = document.split('\n').find((line) => line.startsWith(start));
  const [told = '', untold = '', price = ''] = row?.slice(start.length).split(' | ') ?? [];
  return { told: stepsIn(told), untold: stepsIn(untold), price: price.replace(/ \|$/, '') };
}

describe('the table of evasion', () => {
  it('has a row for each sweep, with all of its steps (npm run evasion writes it anew)', () => {
    for (const sweep of SWEEPS) {
      const { told, untold, price } = rowOf(sweep);
      expect([...told, ...untold], sweep.changed).toEqual(stepsOf(sweep).map(stepText));
      expect(price).toBe(untold.length > 0 ? sweep.price : '–');
    }
    const rows = document.split('\n').filter((line) => line.startsWith('| ')).length;
    expect(rows).toBe(SWEEPS.length + 1);
  });

  for (const sweep of SWEEPS.filter(({ detectors }) => detectors.length === 1 && TRIED_AGAIN.includes(detectors[0]!)))
    it(`says of ${sweep.detectors[0]} (${sweep.changed}) what is so`, async () => {
      const { told, untold } = rowOf(sweep);
      const written = (text: string | undefined) => stepsOf(sweep).find((step) => stepText(step) === text);
      expect(await isTold(sweep, written(told.at(-1))!)).toBe(true);
      if (untold.length > 0) expect(await isTold(sweep, written(untold[0])!)).toBe(false);
    });
});
