import { describe, expect, it } from 'vitest';
import { digestFiles, nodeComplaint, planWork } from './prepare.mjs';

const now = { lock: 'L', sources: 'S', hasPackages: true, hasBuild: true };

describe('prepare', () => {
  it('does nothing when lock file and sources are as they were', () => {
    expect(planWork({ lock: 'L', sources: 'S' }, now)).toEqual({ install: false, build: false });
  });

  it('installs and builds in a fresh clone', () => {
    expect(planWork({}, { ...now, hasPackages: false, hasBuild: false })).toEqual({ install: true, build: true });
  });

  it('builds again after an installation, as types may have changed', () => {
    expect(planWork({ lock: 'old', sources: 'S' }, now)).toEqual({ install: true, build: true });
  });

  it('only builds when only a source changed or a build is gone', () => {
    expect(planWork({ lock: 'L', sources: 'old' }, now)).toEqual({ install: false, build: true });
    expect(planWork({ lock: 'L', sources: 'S' }, { ...now, hasBuild: false })).toEqual({ install: false, build: true });
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
    expect(nodeComplaint('20.11.0')).toBeUndefined();
    expect(nodeComplaint('22.1.0')).toBeUndefined();
    expect(nodeComplaint('20.10.9')).toMatch(/20\.10\.9 is too old.*20\.11/);
    expect(nodeComplaint('18.20.0')).toMatch(/too old/);
  });
});
