import {
  createFlowRecordTable,
  FEATURE_LISTS,
  type FeatureListName,
  FlowOutcome,
  FlowRecordKind,
  type FlowRecordTable,
  parseAddress,
  TcpFlag,
  type TrafficWindow,
} from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { DEFAULT_DETECTION_CONFIG } from '../config.js';
import { FeatureCollector } from './feature-collector.js';

const settings = DEFAULT_DETECTION_CONFIG.flow;
const START_US = 1_700_000_000_000_000;

/** One flow: two packets of 100 and 300 bytes out, one of 60 back, finished after 2 s. */
function record(change: (table: FlowRecordTable) => void = () => {}): FlowRecordTable {
  const table = createFlowRecordTable(1);
  const c = table.columns;
  const said: Partial<Record<keyof typeof c, number>> = {
    kind: FlowRecordKind.ended,
    outcome: FlowOutcome.finished,
    protocol: 6,
    startUs: START_US,
    endUs: START_US + 2e6,
    originatorPackets: 2,
    originatorBytes: 400,
    originatorPayloadBytes: 240,
    originatorLengthMinBytes: 100,
    originatorLengthMaxBytes: 300,
    originatorLengthDeviationBytes: 141,
    originatorGapMinUs: 1500,
    originatorGapMeanUs: 1500,
    originatorGapMaxUs: 1500,
    originatorTcpFlags: TcpFlag.syn | TcpFlag.psh,
    responderPackets: 1,
    responderBytes: 60,
    responderPayloadBytes: 60,
    responderLengthMinBytes: 60,
    responderLengthMaxBytes: 60,
    responderTcpFlags: TcpFlag.rst,
  };
  for (const [name, value] of Object.entries(said)) (c[name as 'kind'] as Uint8Array)[0] = value;
  c.originatorAddress.bytes.set(parseAddress('192.0.2.1'));
  c.responderAddress.bytes.set(parseAddress('198.51.100.1'));
  c.responderPort[0] = 443;
  const sizes = new Uint8Array(Int16Array.from([120, -60]).buffer);
  const gaps = new Uint8Array(Float32Array.from([0, 1.5]).buffer);
  c.firstSizes.append(0, sizes, 0, sizes.length);
  c.firstGaps.append(0, gaps, 0, gaps.length);
  table.count = 1;
  change(table);
  return table;
}

/** The features of the newest row, by name. */
function namedFeatures(collector: FeatureCollector, list: FeatureListName): Record<string, number> {
  const values = collector.rows.features(collector.rows.count - 1);
  return Object.fromEntries(FEATURE_LISTS[list].map(({ name }, k) => [name, values[k]!]));
}

function flowFeatures(table: FlowRecordTable): Record<string, number> {
  const collector = new FeatureCollector('flow', settings);
  collector.takeRecords(table);
  return namedFeatures(collector, 'flow');
}

describe('features of a flow', () => {
  it('stand in the order of the list', () => {
    expect(flowFeatures(record())).toMatchObject({
      protocolTcp: 1,
      protocolUdp: 0,
      durationS: 2,
      originatorPackets: 2,
      originatorPayloadPerPacketBytes: 120,
      originatorLengthMeanBytes: 200,
      originatorLengthMaxBytes: 300,
      originatorGapMeanMs: 1.5,
      responderPackets: 1,
      responderLengthMinBytes: 60,
      responderGapMaxMs: 0,
      packetsPerSecond: 1.5,
      bytesPerSecond: 230,
      responderPacketShare: expect.closeTo(1 / 3, 6),
      responderPayloadShare: expect.closeTo(0.2, 6),
      synSeen: 1,
      finSeen: 0,
      originatorResetSeen: 0,
      responderResetSeen: 1,
      originatorPushSeen: 1,
      answered: 1,
      established: 1,
      halfOpen: 0,
      finished: 1,
    });
  });

  it('are unknown where a flow table does not tell them', () => {
    const told = record(({ columns: c }) => {
      c.originatorLengthMaxBytes[0] = c.responderLengthMaxBytes[0] = 0;
    });
    const features = flowFeatures(told);
    const unknown = Object.keys(features).filter((name) => Number.isNaN(features[name]));
    expect(unknown.length).toBe(18);
    expect(unknown.every((name) => /Length|Gap|^responder(Reset|Push)Seen/.test(name))).toBe(true);
  });

  it('are those of ended flows only', () => {
    const collector = new FeatureCollector('flow', settings);
    collector.takeRecords(record(({ columns }) => columns.kind.fill(FlowRecordKind.interim)));
    expect(collector.rows.count).toBe(0);
  });

  it.each([
    ['finished', settings.tcpClosedTimeoutS],
    ['established', settings.tcpIdleTimeoutS],
    ['halfOpen', settings.tcpHandshakeTimeoutS],
    ['unanswered', settings.unansweredTimeoutS],
  ] as const)('are known of a flow that is %s when its timeout has passed', (outcome, timeoutS) => {
    const collector = new FeatureCollector('flow', settings);
    collector.takeRecords(record(({ columns }) => columns.outcome.fill(FlowOutcome[outcome])));
    expect(collector.rows.keys.columns.tellableS[0]).toBe(START_US / 1e6 + 2 + timeoutS + 1);
  });
});

describe('features of first packets', () => {
  it('are signed sizes and gaps, and unknown past the end', () => {
    const collector = new FeatureCollector('sequence', settings);
    collector.takeRecords(record());
    const features = namedFeatures(collector, 'sequence');
    expect(features).toMatchObject({
      size1: 120,
      size2: -60,
      size3: Number.NaN,
      gapMs1: 0,
      gapMs2: 1.5,
      gapMs16: Number.NaN,
    });
  });
});

describe('features of windows', () => {
  const window = (startS: number, lengthS: number, packets: number): TrafficWindow => ({
    scope: 'host',
    address: '192.0.2.1',
    partition: 0,
    startMs: startS * 1000,
    endMs: (startS + lengthS) * 1000,
    packets,
    bytes: 0,
    connections: 0,
    sources: 0,
    destinations: 0,
    ports: 0,
    meanPacketBytes: 0,
    tcpShare: 0,
    udpShare: 0,
    icmpShare: 0,
    gapMeanMs: 0,
    gapDeviationMs: 0,
    packetsPerConnection: 0,
    failedShare: 0,
    topPeers: [],
  });
  const packetsOf = (windows: readonly TrafficWindow[]) => {
    const collector = new FeatureCollector('host-window', settings);
    for (const one of windows) collector.takeWindow(one);
    const { packets10s, packets60s, packets300s } = namedFeatures(collector, 'host-window');
    return { rows: collector.rows.count, packets: [packets10s, packets60s, packets300s] };
  };

  it('are those of ten seconds, with the newest minute and five minutes of the same host', () => {
    const windows = [window(50, 10, 1), window(0, 60, 6), window(0, 300, 30), window(60, 10, 2)];
    expect(packetsOf(windows)).toEqual({ rows: 2, packets: [2, 6, 30] });
  });

  it('are unknown where a host has no longer window, or only one long past', () => {
    expect(packetsOf([window(0, 10, 1)]).packets).toEqual([1, Number.NaN, Number.NaN]);
    expect(packetsOf([window(0, 60, 6), window(0, 300, 30), window(170, 10, 1)]).packets).toEqual([1, 6, 30]);
    expect(packetsOf([window(0, 60, 6), window(0, 300, 30), window(180, 10, 1)]).packets).toEqual([1, Number.NaN, 30]);
  });

  it('are not those of the network', () => {
    expect(packetsOf([{ ...window(0, 10, 1), scope: 'network' }]).rows).toBe(0);
    const toNobody = ['224.0.0.251', '255.255.255.255', '10.0.0.255', '0.0.0.0', '127.0.0.1', 'ff02::fb', '::', '::1'];
    for (const address of toNobody) expect(packetsOf([{ ...window(0, 10, 1), address }]).rows, address).toBe(0);
    for (const address of ['10.0.0.1', 'fe80::1', '2001:db8::1'])
      expect(packetsOf([{ ...window(0, 10, 1), address }]).rows, address).toBe(1);
  });
});
