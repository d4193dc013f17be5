import { PayloadGuess } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { incidentsOf, kindsOf, session, times } from '../traffic.fixture.js';

const RANDOM = 254;
const pair = { source: '10.0.0.9', destination: '203.0.113.5' };
const flows = (count: number, said: object) =>
  times(count, (k) =>
    session({ ...pair, atS: k * 5, sourcePort: 40_000 + k, destinationPort: 80 }).map((packet) =>
      packet.payloadBytes ? { ...packet, payloadGuess: PayloadGuess.unknown, payloadEntropy: RANDOM, ...said } : packet,
    ),
  );

describe('high-entropy payload', () => {
  it('three flows of random bytes on a text port are told, two are not', () => {
    expect(kindsOf(flows(3, {}))).toEqual(['high-entropy-payload']);
    expect(kindsOf(flows(2, {}))).toEqual([]);
  });

  it('few are low, from six on it is medium', () => {
    expect(incidentsOf(flows(5, {}))[0]!.severity).toBe('low');
    expect(incidentsOf(flows(6, {}))[0]!.severity).toBe('medium');
  });

  it('a known protocol, plain bytes, or a port that promises nothing are none', () => {
    expect(kindsOf(flows(20, { payloadGuess: PayloadGuess.http }))).toEqual([]);
    expect(kindsOf(flows(20, { payloadEntropy: 243 }))).toEqual([]);
    const elsewhere = flows(20, {}).map((packet) => ({
      ...packet,
      ...(packet.destinationPort === 80 ? { destinationPort: 8443 } : { sourcePort: 8443 }),
    }));
    expect(kindsOf(elsewhere)).toEqual([]);
  });
});
