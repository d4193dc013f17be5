import {
  createPacketTable,
  END_OF_TIME_S,
  type Incident,
  NO_COUNTERS,
  type PacketBatch,
  type PacketTable,
  Protocol,
  parseAddress,
  TcpFlag,
} from '@weir/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_DETECTION_CONFIG } from '../../config.js';
import { START_S, writeFlowHash } from '../../flow/packets.fixture.js';
import { createFlowFunction } from '../../index.js';
import { EmbeddedRuntime } from './index.js';

const FLOOD_SOURCES = 300_000;
const FLOOD_PER_SECOND = 20_000;
const FLOOD_START_S = 5;
const FLOOD_END_S = FLOOD_START_S + FLOOD_SOURCES / FLOOD_PER_SECOND;
const BATCH_PACKETS = 5000;

const TARGET = parseAddress('198.51.100.80');
const SCANNED = parseAddress('198.51.100.7');
const SCAN_DURING = { source: parseAddress('192.0.2.10'), startS: FLOOD_START_S + 4 };
const SCAN_AFTER = { source: parseAddress('192.0.2.20'), startS: FLOOD_END_S + 60 };
const SCAN_PORTS = 400;
const SCAN_PORTS_PER_SECOND = 50;

/** Fills batches with SYN packets, and hands each on when it is full. The watermark is a second behind. */
class SynWriter {
  private readonly table: PacketTable = createPacketTable(BATCH_PACKETS);
  private sequence = 0;
  private watermarkS = 0;

  constructor(private readonly deliver: (batch: PacketBatch) => void) {
    this.table.columns.networkLayer.fill(4);
    this.table.columns.protocol.fill(Protocol.tcp);
    this.table.columns.tcpFlags.fill(TcpFlag.syn);
    this.table.columns.lengthBytes.fill(60);
    this.table.columns.sourcePort.fill(50_000);
  }

  write(atS: number, source: Uint8Array, destination: Uint8Array, port: number): void {
    const i = this.table.count++;
    const c = this.table.columns;
    c.timeUs[i] = Math.round((START_S + atS) * 1e6);
    c.watermarkS[i] = this.watermarkS;
    this.watermarkS = Math.max(this.watermarkS, Math.floor(START_S + atS) - 1);
    c.sourceAddress.bytes.set(source, i * 16);
    c.destinationAddress.bytes.set(destination, i * 16);
    c.destinationPort[i] = port;
    writeFlowHash(this.table, i);
    if (this.table.count === BATCH_PACKETS) this.flush(this.watermarkS);
  }

  flush(watermarkS = END_OF_TIME_S): void {
    const header = { sensor: 'local', partition: 0, partitions: 1, epoch: 0, sequence: this.sequence++, watermarkS };
    this.deliver({ header, counters: { ...NO_COUNTERS }, packets: this.table });
    this.table.clear();
  }
}

/** A flood from ever new sources, a scan during it, and another a minute after it. */
function play(deliver: (batch: PacketBatch) => void): void {
  const writer = new SynWriter(deliver);
  const forged = parseAddress('10.0.0.0');
  const forgedWords = new DataView(forged.buffer);
  let ports = 0;
  for (let k = 0; k < FLOOD_SOURCES; k++) {
    const atS = FLOOD_START_S + k / FLOOD_PER_SECOND;
    if (ports < SCAN_PORTS && atS >= SCAN_DURING.startS + ports / SCAN_PORTS_PER_SECOND)
      writer.write(atS, SCAN_DURING.source, SCANNED, 1 + ports++);
    forgedWords.setUint32(12, 0x0a00_0000 + k);
    writer.write(atS, forged, TARGET, 443);
  }
  for (let port = 1; port <= SCAN_PORTS; port++)
    writer.write(SCAN_AFTER.startS + port / SCAN_PORTS_PER_SECOND, SCAN_AFTER.source, SCANNED, port);
  writer.flush();
}

const ofKind = (incidents: Map<string, Incident>, kind: string) =>
  [...incidents.values()].filter((incident) => incident.kind === kind);

describe('a SYN flood from 300,000 sources', () => {
  const incidents = new Map<string, Incident>();
  beforeAll(() => {
    const runtime = new EmbeddedRuntime({
      config: DEFAULT_DETECTION_CONFIG,
      records: 'none',
      sink: { incident: ({ incident }) => incidents.set(incident.id, incident) },
    });
    play((batch) => runtime.deliver(batch));
  });

  it('is one incident, with its true start and end', () => {
    const floods = ofKind(incidents, 'syn-flood');
    expect(floods).toHaveLength(1);
    expect(floods[0]).toMatchObject({
      entity: '198.51.100.80',
      targets: ['198.51.100.80'],
      sources: [],
      state: 'closed',
    });
    expect(Math.abs(floods[0]!.startMs / 1000 - START_S - FLOOD_START_S)).toBeLessThanOrEqual(1);
    expect(Math.abs(floods[0]!.endMs / 1000 - START_S - FLOOD_END_S)).toBeLessThanOrEqual(1);
  });

  it('says that single flows gave way meanwhile', () => {
    const { blindness } = ofKind(incidents, 'syn-flood')[0]!;
    expect(blindness.degraded).toBe(true);
    expect(blindness.flowsEvicted).toBeGreaterThan(10_000);
  });

  it.each([
    ['during it', '192.0.2.10', SCAN_DURING.startS],
    ['a minute after it', '192.0.2.20', SCAN_AFTER.startS],
  ])('does not hide a port scan %s', (_, source, startS) => {
    const scans = ofKind(incidents, 'port-scan').filter(({ entity }) => entity === source);
    expect(scans).toHaveLength(1);
    expect(Math.abs(scans[0]!.startMs / 1000 - START_S - startS)).toBeLessThanOrEqual(1);
    expect(scans[0]!.detectedAtMs / 1000 - START_S - startS).toBeLessThan(10);
  });

  it('accuses nobody else, and says that Weir itself was overrun', () => {
    expect([...incidents.values()].map(({ kind }) => kind).sort()).toEqual([
      'degraded',
      'port-scan',
      'port-scan',
      'syn-flood',
    ]);
  });
});

describe('the flow table under that flood', () => {
  it('stays within its bound, and every flow that gives way is counted', () => {
    const config = { ...DEFAULT_DETECTION_CONFIG.flow, maxFlows: 20_000, hostPartitions: 1, records: 'none' as const };
    const flows = createFlowFunction(config);
    const state = flows.initialState('flow/local/0');
    let most = 0;
    let last = state.counters;
    play((batch) =>
      flows.transition(state, batch, (output) => {
        if (output.kind !== 'host-batch') return;
        last = { ...output.batch.counters };
        most = Math.max(most, last.flowsLive);
      }),
    );
    expect(most).toBe(20_000);
    expect(last).toMatchObject({ flowsLive: 0, flowsStarted: FLOOD_SOURCES + 2 * SCAN_PORTS });
    // The second scan's first probe comes while the table is still full: it moves time on, but only after it.
    expect(last.flowsEvicted).toBe(FLOOD_SOURCES + SCAN_PORTS + 1 - 20_000);
    expect(last.flowsEnded).toBe(last.flowsStarted);
  });
});
