import { readFileSync } from 'node:fs';
import { DetectionConfig, MEASURES } from '@weir/functions';
import { describe, expect, it } from 'vitest';
import { COMMANDS, createMemoryIo, run } from '../cli/src/index.js';
import { generateDocuments, replacePart, shortenSample } from './docs.mjs';

describe('documents', () => {
  it('show what the program prints today (npm run docs writes them anew)', async () => {
    const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
    const documents = await generateDocuments({ COMMANDS, createMemoryIo, run, DetectionConfig, MEASURES }, read);
    for (const [path, text] of Object.entries(documents)) expect(read(path)).toBe(text);
  });

  it('keep what stands around a generated part', () => {
    expect(replacePart('a\n<!-- begin x -->\nold\n<!-- end x -->\nb', 'x', 'new')).toBe(
      'a\n<!-- begin x -->\nnew\n<!-- end x -->\nb',
    );
    expect(() => replacePart('no markers', 'x', 'new')).toThrow(/begin x/);
  });

  it('show one incident in full, and no time that differs from machine to machine', () => {
    const text =
      'HIGH a\n\nLOW b\n\nLOW c\n\n3 incidents in x:\n\nseverity …\n\n10 packets of 8 s (…), read in 1 min 4 s (1.1 M/s)\n';
    expect(shortenSample(text)).toBe(
      'HIGH a\n\n… 2 more …\n\n3 incidents in x:\n\nseverity …\n\n10 packets of 8 s (…), read in … s (… M/s)',
    );
  });
});
