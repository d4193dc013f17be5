import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryIo } from '../memory-io.js';
import { plainPaint } from '../report/paint.js';
import { consoleSink, fileSink, jsonLogLine, type LogEntry, Logger, prettyLogLine } from './logger.js';
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

  it('stays open where it cannot be renamed, and goes on as soon as it can', () => {
    const path = join(folder, 'weir.log');
    const file = new RotatingFile(path, { maxBytes: 20, maxFiles: 2 });
    file.write('line 1 xxxxxx\n');
    mkdirSync(`${path}.1`);
    expect(() => file.write('line 2 xxxxxx\n')).toThrow();
    expect(() => file.write('line 3 xxxxxx\n')).toThrow(/EISDIR/);
    rmSync(`${path}.1`, { recursive: true });
    file.write('line 4 xxxxxx\n');
    file.close();
    expect(['weir.log.1', 'weir.log'].map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([
      'line 1 xxxxxx\n',
      'line 4 xxxxxx\n',
    ]);
  });

  it('names the path and the option when it cannot write', () => {
    expect(() => new RotatingFile(join(folder, 'missing', 'weir.log'))).toThrow(/folder does not exist.*--log-file/);
  });
});

describe('a log file on a full disk', () => {
  const entry = (message: string): LogEntry => ({ atMs: 0, level: 'info', fields: {}, message });

  it('ends nothing: lines are lost, which is told once at once, and counted in the file when it has room again', () => {
    let isFull = true;
    const written: string[] = [];
    const told: string[] = [];
    const write = (line: string) => {
      if (isFull) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      written.push(line);
    };
    const sink = fileSink({ write }, ({ level, fields, message }) =>
      told.push(`${level} ${message}: ${fields.reason}`),
    );
    for (const message of ['one', 'two']) sink(entry(message));
    isFull = false;
    for (const message of ['three', 'four']) sink(entry(message));
    expect(told).toEqual(['error log file cannot be written: no space is left on the device']);
    expect(written.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'warn', message: 'log lines were lost', lines: 2 },
      { message: 'three' },
      { message: 'four' },
    ]);
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
