import { describe, expect, it } from 'vitest';
import { sampleFlow } from '../../testing/samples.js';
import { flowFits, searchWords } from './filter.js';

describe('the search of the live table', () => {
  const flow = sampleFlow({
    originator: '10.0.0.1',
    responder: '192.0.2.7',
    responderPort: 443,
    outcome: 'halfOpen',
    communityId: '1:AbC=',
  });
  it.each([
    ['', true],
    ['10.0', true],
    ['443 tcp', true],
    ['TCP half', true],
    ['1:AbC', true],
    ['443 udp', false],
    ['0.0.1', false],
  ])('%s fits: %s', (text, fits) => expect(flowFits(flow, searchWords(text))).toBe(fits));
});
