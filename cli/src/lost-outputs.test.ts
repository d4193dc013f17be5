import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchOutputs } from './lost-outputs.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched() {
  const [stdout, stderr] = [new EventEmitter(), new EventEmitter()];
  const happened: string[] = [];
  watchOutputs({
    stdout,
    stderr,
    stop: () => happened.push('stop'),
    exit: (code) => happened.push(`exit ${code}`),
    tell: (text) => happened.push(text),
  });
  const fails = (output: EventEmitter, code: string) => output.emit('error', Object.assign(new Error(code), { code }));
  return { stdout, stderr, happened, fails };
}

describe('outputs that are lost', () => {
  it('ask for an orderly end when the reader of the results leaves, and end what does not stop', () => {
    const { stdout, happened, fails } = watched();
    fails(stdout, 'EPIPE');
    fails(stdout, 'EPIPE');
    expect(happened).toEqual(['stop']);
    vi.runAllTimers();
    expect(happened).toEqual(['stop', 'exit 0']);
  });

  it('end the run with the reason when the results find no room', () => {
    const { stdout, happened, fails } = watched();
    fails(stdout, 'ENOSPC');
    expect(happened).toEqual(['weir: cannot write to standard output: no space is left on the device.\n', 'exit 2']);
  });

  it('do not end what is logged when nobody reads the log, or it finds no room', () => {
    const { stderr, happened, fails } = watched();
    for (const code of ['EPIPE', 'ENOSPC']) fails(stderr, code);
    vi.runAllTimers();
    expect(happened).toEqual([]);
  });
});
