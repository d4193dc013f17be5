import { describe, expect, it } from 'vitest';
import {
  checkAgainst,
  createFlowRecordTable,
  FLOW_RECORD_COLUMNS,
  FlowOutcome,
  FlowRecordKind,
  FlowSummary,
  flowLine,
  flowSummaryOf,
  PayloadGuess,
  parseAddress,
} from './index.js';

function oneFlow() {
  const records = createFlowRecordTable(4);
  const c = records.columns;
  c.kind[0] = FlowRecordKind.ended;
  c.originatorAddress.bytes.set(parseAddress('192.0.2.1'), 0);
  c.responderAddress.bytes.set(parseAddress('2001:db8::2'), 0);
  c.originatorPort[0] = 40_000;
  c.responderPort[0] = 443;
  c.protocol[0] = 6;
  c.outcome[0] = FlowOutcome.finished;
  c.startUs[0] = 1e6;
  c.endUs[0] = 3e6;
  c.originatorPackets[0] = 3;
  c.responderPackets[0] = 5;
  c.originatorBytes[0] = 300;
  c.responderBytes[0] = 5300;
  c.responderRetransmissions[0] = 2;
  c.firstSizes.append(0, new Uint8Array(new Int16Array([10, -1400]).buffer), 0, 4);
  c.firstGaps.append(0, new Uint8Array(new Float32Array([0, 1.5]).buffer), 0, 8);
  records.count = 1;
  return records;
}

describe('flow records in full', () => {
  it('have readable addresses, names and lists', () => {
    expect(flowLine('gate', oneFlow(), 0)).toMatchObject({
      sensor: 'gate',
      kind: 'ended',
      originatorAddress: '192.0.2.1',
      responderAddress: '2001:db8::2',
      outcome: 'finished',
      firstSizes: [10, -1400],
      firstGaps: [0, 1.5],
      communityId: expect.stringMatching(/^1:/),
    });
  });

  it('carry totals and rates', () => {
    expect(flowLine('gate', oneFlow(), 0)).toMatchObject({
      packets: 8,
      bytes: 5600,
      durationS: 2,
      bytesPerPacket: 700,
      packetsPerSecond: 4,
      retransmissionRate: 0.25,
    });
  });

  it('hold every declared column', () => {
    expect(Object.keys(flowLine('gate', oneFlow(), 0))).toEqual(
      expect.arrayContaining(FLOW_RECORD_COLUMNS.map((c) => c.name)),
    );
  });
});

describe('flow records in short', () => {
  it('fit their schema, and say what an operator asks first', () => {
    const records = oneFlow();
    records.columns.payloadGuess[0] = PayloadGuess.tls;
    expect(checkAgainst(FlowSummary, flowSummaryOf('gate', records, 0))).toMatchObject({
      sensor: 'gate',
      originator: '192.0.2.1',
      responder: '2001:db8::2',
      outcome: 'finished',
      startMs: 1000,
      endMs: 3000,
      packets: 8,
      bytes: 5600,
      application: 'tls',
    });
  });

  it.each([PayloadGuess.notExamined, PayloadGuess.unknown, 255])('name no application for guess %i', (guess) => {
    const records = oneFlow();
    records.columns.payloadGuess[0] = guess;
    expect(flowSummaryOf('gate', records, 0)).not.toHaveProperty('application');
  });
});
