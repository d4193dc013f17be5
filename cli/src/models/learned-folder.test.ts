import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeScoreState } from '@weir/functions';
import { describe, expect, it } from 'vitest';
import { createMemoryIo } from '../memory-io.js';
import { run } from '../run.js';
import { LearnedFolder } from './learned-folder.js';

const capture = fileURLToPath(new URL('../../../testdata/next-day/capture.pcap.gz', import.meta.url));
const newFolder = () => join(mkdtempSync(join(tmpdir(), 'weir-learned-')), 'inner');

describe('a folder of what was learned', () => {
  it('is made, and knows nothing at first', () => {
    const folder = newFolder();
    expect(new LearnedFolder(folder).read('any')).toBeUndefined();
    expect(existsSync(folder)).toBe(true);
  });

  it('that cannot be is refused by name', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'weir-learned-')), 'file');
    writeFileSync(file, '');
    expect(() => new LearnedFolder(join(file, 'inner'))).toThrow(/cannot make what models learned.*--learned/);
  });
});

describe('a folder that cannot be written any more', () => {
  it('ends nothing where somebody is told, once, and takes what is learned when it can be written again', () => {
    const folder = newFolder();
    const told: string[] = [];
    const learned = new LearnedFolder(folder, ({ message }) => told.push(message));
    rmSync(folder, { recursive: true });
    for (const byte of [1, 2]) learned.write('any', Uint8Array.of(byte));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('cannot write what models learned');
    mkdirSync(folder);
    learned.write('any', Uint8Array.of(3));
    expect(readFileSync(join(folder, 'any.learned'))).toEqual(Buffer.of(3));
    rmSync(folder, { recursive: true });
    learned.write('any', Uint8Array.of(4));
    expect(told).toHaveLength(2);
  });

  it('ends the run where nobody is told', () => {
    const folder = newFolder();
    const learned = new LearnedFolder(folder);
    rmSync(folder, { recursive: true });
    expect(() => learned.write('any', Uint8Array.of(1))).toThrow(/cannot write what models learned/);
  });
});

describe('weir analyze --learned', () => {
  const analyze = async (folder: string) => {
    const io = createMemoryIo({});
    const code = await run(['analyze', capture, '--model', 'isolation-forest', '--learned', folder], io);
    return { code, ...io.written };
  };

  it('goes on where the last run stopped', async () => {
    const folder = newFolder();
    const cleanRows = () => {
      const file = join(folder, 'flow-isolation-forest.learned');
      return existsSync(file)
        ? decodeScoreState(new LearnedFolder(folder).read('flow-isolation-forest')!).state.cleanRows
        : 0;
    };
    expect((await analyze(folder)).code).toBe(0);
    const once = cleanRows();
    await analyze(folder);
    expect(once).toBeGreaterThan(0);
    expect(cleanRows()).toBeGreaterThan(once);
    expect(readdirSync(folder)).toEqual(['flow-isolation-forest.learned']);
    const io = createMemoryIo({});
    expect(await run(['models', 'show', 'isolation-forest', '--learned', folder], io)).toBe(0);
    expect(JSON.parse(io.written.stdout).learned.cleanRows).toBe(cleanRows());
  });

  it('says so where what was kept is damaged', async () => {
    const folder = newFolder();
    await analyze(folder);
    writeFileSync(join(folder, 'flow-isolation-forest.learned'), 'broken');
    const { code, stderr } = await analyze(folder);
    expect(code).toBe(2);
    expect(stderr).toMatch(/state.*Delete it there/);
  });
});
