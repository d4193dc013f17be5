import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryIo } from '../memory-io.js';
import { plainPaint } from '../report/paint.js';
import { consoleSink, jsonLogLine, type LogEntry, Logger, prettyLogLine } from './logger.js';
import { RotatingFile } from './rotating-file.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('RotatingFile', () => {
  it('renames full files, keeps as many as allowed and never splits a line', () => {
    const file = new RotatingFile(join(folder, 'weir.log'), { maxBytes: 20, maxFiles: 3 });
    for (let i = 0; i < 9; i++) file.write(`line ${i} xx\n`);
    file.close();
    const files = readdirSync(folder).sort();
    expect(files).toEqual(['weir.log', 'weir.log.1', 'weir.log.2']);
    const text = files.toReversed().map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(text.join('')).toBe('line 6 xx\nline 7 xx\nline 8 xx\n'.replace('line 6', 'line 4 xx\nline 5 xx\nline 6'));
  });

  it('goes on where an earlier run stopped', () => {
    for (const line of ['one\n', 'two\n']) {
      const file = new RotatingFile(join(folder, 'weir.log'));
      file.write(line);
      file.close();
    }
    expect(readFileSync(join(folder, 'weir.log'), 'utf8')).toBe('one\ntwo\n');
  });

  it('names the path and the option when it cannot write', () => {
    expect(() => new RotatingFile(join(folder, 'missing', 'weir.log'))).toThrow(/folder does not exist.*--log-file/);
  });
});

describe('Logger', () => {
  const entry: LogEntry = { atMs: 0, level: 'warn', fields: { kernel: 3, name: 'a b' }, message: 'packets dropped' };

  it('leaves out what is below its level', () => {
    const seen: string[] = [];
    const log = new Logger('warn', () => 0, [({ message }) => void seen.push(message)]);
    log.debug({}, 'a');
    log.info({}, 'b');
    log.warn({}, 'c');
    log.error({}, 'd');
    expect(seen).toEqual(['c', 'd']);
  });

  it('writes JSON lines for programs and short lines for a terminal', () => {
    expect(JSON.parse(jsonLogLine(entry))).toEqual({
      time: '1970-01-01T00:00:00.000Z',
      level: 'warn',
      message: 'packets dropped',
      kernel: 3,
      name: 'a b',
    });
    expect(prettyLogLine(entry)).toBe('00:00:00 warn  packets dropped  kernel=3  name="a b"\n');
    const { stderr, written } = createMemoryIo();
    consoleSink(stderr, plainPaint)(entry);
    expect(written.stderr).toBe(jsonLogLine(entry));
  });
});
