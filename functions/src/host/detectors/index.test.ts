import { describe, expect, it } from 'vitest';
import { DEFAULT_DETECTION_CONFIG } from '../../config.js';
import { DistinctSets } from '../../features/distinct-sets.js';
import { FIELD } from '../fields.js';
import { createKeyedDetectors, HOST_DETECTORS } from './index.js';

const keyed = createKeyedDetectors(DEFAULT_DETECTION_CONFIG.host, new DistinctSets({ maxSets: 1 }));

describe('every detector', () => {
  it('has a name of its own', () => {
    const names = [...HOST_DETECTORS, ...keyed].map(({ name }) => name);
    expect(names.filter((name, k) => names.indexOf(name) !== k)).toEqual([]);
  });

  // Else it would never be shown one.
  it('that looks at notes says at which', () => {
    const silent = keyed.filter(({ observeNote, noteKinds }) => observeNote !== undefined && !noteKinds?.length);
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  // Behind those fields the block of the next window begins.
  it('of longer windows has a gate of a field that these have', () => {
    const longer = HOST_DETECTORS.filter(({ windows }) => windows.some((window) => window > 0));
    expect(longer.length).toBeGreaterThan(0);
    expect(longer.filter(({ gate }) => gate.anyOf.some((field) => field >= FIELD.carried))).toEqual([]);
  });
});
