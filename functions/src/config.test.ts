import { describe, expect, it } from 'vitest';
import { ConfigError, DEFAULT_DETECTION_CONFIG, parseDetectionConfig } from './config.js';

const refusal = (input: unknown): string => {
  try {
    parseDetectionConfig(input);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'taken';
};

describe('parseDetectionConfig', () => {
  it('gives what is not named its default', () => {
    const { host } = parseDetectionConfig({ host: { portScan: { failedShare: 0.8 } } });
    expect(host.portScan).toEqual({ ...DEFAULT_DETECTION_CONFIG.host.portScan, failedShare: 0.8 });
    expect(host.synFlood).toEqual(DEFAULT_DETECTION_CONFIG.host.synFlood);
  });

  it('names a setting that does not exist, and the one that was meant', () => {
    expect(refusal({ host: { portscan: {} } })).toBe('there is no setting host.portscan. Did you mean portScan?');
    expect(refusal({ flow: { 'max-flows': 1 } })).toBe('there is no setting flow.max-flows. Did you mean maxFlows?');
  });

  it('lists what there is where nothing is near', () => {
    expect(refusal({ incident: { speed: 1 } })).toBe(
      'there is no setting incident.speed. Beside it there are: mergeGapS, exceptions, maxOpen.',
    );
    expect(refusal({ colour: 1 })).toMatch(/there is no setting colour. Beside it there are: allowedLatenessMs, flow/);
  });

  it('says what a value is and what it may be', () => {
    expect(refusal({ host: { portScan: { failedShare: 7 } } })).toMatch(
      /^host.portScan.failedShare is 7\. .*less.* 1\.$/,
    );
    expect(refusal([])).not.toBe('taken');
  });
});
