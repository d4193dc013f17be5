import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BUNDLED_CAPTURES, compressCapture, makeCapture, sha256 } from './bundled.js';

const root = fileURLToPath(new URL('../../../testdata/', import.meta.url));
const isRewriting = process.env.WEIR_WRITE_TESTDATA === '1';
const LARGEST_BYTES = { demo: 1_500_000, other: 200_000 };

describe('bundled captures', () => {
  for (const { folder, options } of BUNDLED_CAPTURES) {
    const capturePath = `${root}${folder}/capture.pcap.gz`;
    const truthPath = `${root}${folder}/truth.csv`;

    it(`testdata/${folder} is what the generator makes`, async () => {
      const made = await makeCapture(options);
      if (isRewriting) {
        mkdirSync(`${root}${folder}`, { recursive: true });
        writeFileSync(capturePath, compressCapture(made.pcap));
        writeFileSync(truthPath, made.truth);
      }
      expect(sha256(gunzipSync(readFileSync(capturePath)))).toBe(sha256(made.pcap));
      expect(readFileSync(truthPath, 'utf8')).toBe(made.truth);
    });

    it(`testdata/${folder} is small`, () => {
      const limit = folder === 'demo' ? LARGEST_BYTES.demo : LARGEST_BYTES.other;
      expect(readFileSync(capturePath).length).toBeLessThan(limit);
    });
  }
});
