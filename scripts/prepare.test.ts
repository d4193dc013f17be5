import { describe, expect, it } from 'vitest';
import { digestFiles, nodeComplaint, planWork } from './prepare.mjs';

const now = { lock: 'L', sources: 'S', page: 'P', hasPackages: true, hasBuild: true, hasPage: true };
const done = { lock: 'L', sources: 'S', page: 'P' };

describe('prepare', () => {
  it('does nothing when lock file and sources are as they were', () => {
    expect(planWork(done, now)).toEqual({ install: false, build: false, page: false });
  });

  it('installs and builds in a fresh clone', () => {
    const clone = { ...now, hasPackages: false, hasBuild: false, hasPage: false };
    expect(planWork({}, clone)).toEqual({ install: true, build: true, page: true });
  });

  it('builds again after an installation, as types may have changed', () => {
    expect(planWork({ ...done, lock: 'old' }, now)).toEqual({ install: true, build: true, page: true });
  });

  it('only builds when only a source changed or a build is gone', () => {
    const built = { install: false, build: true, page: false };
    expect(planWork({ ...done, sources: 'old' }, now)).toEqual(built);
    expect(planWork(done, { ...now, hasBuild: false })).toEqual(built);
  });

  it('builds only the page when only that changed or is gone', () => {
    const built = { install: false, build: false, page: true };
    expect(planWork({ ...done, page: 'old' }, now)).toEqual(built);
    expect(planWork(done, { ...now, hasPage: false })).toEqual(built);
  });

  it('tells apart files by name and content, not by order', () => {
    const files: [string, string][] = [
      ['a.ts', 'one'],
      ['b.ts', 'two'],
    ];
    expect(digestFiles(files)).toBe(digestFiles(files.toReversed()));
    expect(digestFiles(files)).not.toBe(
      digestFiles([
        ['a.ts', 'onetwo'],
        ['b.ts', ''],
      ]),
    );
  });

  it('asks for a newer Node.js by name and version', () => {
    expect(nodeComplaint('20.12.0')).toBeUndefined();
    expect(nodeComplaint('22.1.0')).toBeUndefined();
    expect(nodeComplaint('20.11.9')).toMatch(/20\.11\.9 is too old.*20\.12/);
    expect(nodeComplaint('18.20.0')).toMatch(/too old/);
  });
});
