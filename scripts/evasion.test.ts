import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isTold, SWEEPS, type Sweep } from '../cli/src/evasion/index.js';
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
];

/** Values of a cell of the table. */
function valuesOf(cell: string): number[] {
  return cell === '–' ? [] : cell.split(', ').map((text) => Number(text.replaceAll(',', '')));
}

function rowOf({ detectors, changed }: Sweep) {
  const start = `| ${detectors.join(', ')} | ${changed} | `;
  const row = document.split('\n').find((line) => line.startsWith(start));
  const [told = '', untold = '', price = ''] = row?.slice(start.length).split(' | ') ?? [];
  return { told: valuesOf(told), untold: valuesOf(untold), price: price.replace(/ \|$/, '') };
}

describe('the table of evasion', () => {
  it('has a row for each sweep, with all of its values (npm run evasion writes it anew)', () => {
    for (const sweep of SWEEPS) {
      const { told, untold, price } = rowOf(sweep);
      expect([...told, ...untold], sweep.changed).toEqual(sweep.values);
      expect(price).toBe(untold.length > 0 ? sweep.price : '–');
    }
    const rows = document.split('\n').filter((line) => line.startsWith('| ')).length;
    expect(rows).toBe(SWEEPS.length + 1);
  });

  for (const sweep of SWEEPS.filter(({ detectors }) => detectors.length === 1 && TRIED_AGAIN.includes(detectors[0]!)))
    it(`says of ${sweep.detectors[0]} (${sweep.changed}) what is so`, async () => {
      const { told, untold } = rowOf(sweep);
      expect(await isTold(sweep, told.at(-1)!)).toBe(true);
      if (untold.length > 0) expect(await isTold(sweep, untold[0]!)).toBe(false);
    });
});
