import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Comparison, compareWithTshark, isUnexplained, tsharkVersion } from '../../cli/src/compare/index.js';

const STORIES = fileURLToPath(new URL('../../testdata', import.meta.url));
const stories = readdirSync(STORIES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const version = tsharkVersion();
if (version === undefined) console.warn('tshark is not installed: the comparison with it is skipped.');

function unexplained({ differences }: Comparison): string[] {
  return differences.filter(isUnexplained).map(({ subject, detail }) => `${subject} ${detail}`);
}

describe.skipIf(version === undefined)('Weir and tshark', () => {
  it.each(stories)('agree on the bundled capture %s', async (story) => {
    const comparison = await compareWithTshark(join(STORIES, story, 'capture.pcap.gz'));
    expect(comparison.packets).toBeGreaterThan(0);
    expect(comparison.agreed.packet).toBe(comparison.packets);
    expect(comparison.agreed.conversation).toBeGreaterThan(0);
    expect(comparison.agreed['community-id']).toBeGreaterThan(0);
    expect(unexplained(comparison)).toEqual([]);
  });

  it('agree on the DNS names of the tunnel', async () => {
    const { agreed } = await compareWithTshark(join(STORIES, 'dns-tunnel', 'capture.pcap.gz'));
    expect(agreed.name).toBeGreaterThan(100);
  });

  it('are not compared on a file that is no capture', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'weir-agreement-'));
    const path = join(folder, 'no.pcap');
    writeFileSync(path, 'this is no capture file at all');
    await expect(compareWithTshark(path)).rejects.toThrow(path);
    rmSync(folder, { recursive: true });
  });
});
