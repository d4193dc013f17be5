import { describe, expect, it } from 'vitest';
import { createMemoryIo } from '../memory-io.js';
import { ProgressLine, progressText } from './progress.js';

const half = { packets: 500_000, elapsedMs: 1000, bytes: { readBytes: 50, totalBytes: 100 } };

describe('progressText', () => {
  it('shows share, rate and time left', () => {
    expect(progressText(half)).toBe('[============>           ]  50 %  500,000 packets  500 k/s  1 s left');
  });

  it('shows no bar where the size is unknown', () => {
    expect(progressText({ ...half, bytes: undefined })).toBe('500,000 packets  500 k/s  1 s');
  });

  it('stays within its bounds at the start, at the end and past it', () => {
    expect(progressText({ ...half, bytes: { readBytes: 0, totalBytes: 100 } })).toMatch(/^\[> {23}\] {3}0 %.*k\/s$/);
    expect(progressText({ ...half, bytes: { readBytes: 200, totalBytes: 100 } })).toMatch(/^\[={24}\] 100 %/);
  });
});

describe('ProgressLine', () => {
  it('redraws at most five times a second and erases itself', () => {
    const { stderr, written } = createMemoryIo({ isTerminal: true });
    const line = new ProgressLine(stderr, true);
    for (const elapsedMs of [0, 50, 199, 200, 399]) line.update(() => half, elapsedMs);
    expect(written.stderr.match(/50 %/g)).toHaveLength(2);
    line.clear();
    line.clear();
    expect(written.stderr.match(/50 %/g)).toHaveLength(2);
    expect(written.stderr.endsWith('\u001b[2K')).toBe(true);
  });

  it('writes nothing without a terminal or when not wanted', () => {
    for (const [isTerminal, isWanted] of [
      [false, true],
      [true, false],
    ] as const) {
      const { stderr, written } = createMemoryIo({ isTerminal });
      const line = new ProgressLine(stderr, isWanted);
      line.update(() => half, 0);
      line.clear();
      expect(written.stderr).toBe('');
    }
  });
});
