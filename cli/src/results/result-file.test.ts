import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryIo } from '../memory-io.js';
import { run } from '../run.js';

const CAPTURE = new URL('../../../testdata/port-scan/capture.pcap.gz', import.meta.url).pathname;
/** A device of Linux that has no room. */
const FULL = '/dev/full';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-results-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!existsSync(FULL))('a file of results on a full disk', () => {
  it.each([
    ['--csv', 'at the end'],
    ['--flows', 'in the middle'],
  ])('%s is named with the reason, %s of the run', async (option) => {
    const io = createMemoryIo();
    expect(await run(['analyze', CAPTURE, option, FULL], io)).toBe(2);
    expect(io.written.stderr).toBe(
      `weir: cannot write "${FULL}": no space is left on the device. Choose another file with ${option}.\n`,
    );
  });

  it('does not keep the others from being written to their end', async () => {
    const windows = join(folder, 'windows.jsonl');
    const io = createMemoryIo();
    expect(await run(['analyze', CAPTURE, '--csv', FULL, '--windows', windows], io)).toBe(2);
    const lines = readFileSync(windows, 'utf8').split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  });
});
