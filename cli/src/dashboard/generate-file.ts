import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createCaptureFileSource } from '@weir/capture-agent';
import { type FlowSummary, flowSummaryOf } from '@weir/contracts';
import type { Generator } from '@weir/dashboard-server';
import { DEFAULT_DETECTION_CONFIG } from '@weir/functions';
import { runDetection } from '../pipeline.js';
import { csvLine } from '../results/csv.js';
import { TRAFFIC_KINDS, type TrafficKind, type TruthRow, truthCsv, writeTraffic } from '../traffic/index.js';

export type GenerationRequest = Parameters<Generator['generate']>[0];

/** Attacks that a capture can have in it, by the names of `weir traffic`. */
export const GENERATED_ATTACKS = TRAFFIC_KINDS.filter(({ name }) => name !== 'benign').map(({ name, summary }) => ({
  name: name as string,
  description: summary,
}));

/** Makes sample data as asked: packets, or flows with a label, and what is in them. Throws for attacks not known. */
export async function generateFile(
  request: GenerationRequest,
  { data, truth }: { data: string; truth: string },
): Promise<void> {
  const capture = request.format === 'pcap' ? data : `${data}.pcap`;
  const rows = await writeCapture(request, capture);
  writeFileSync(truth, truthCsv(rows));
  if (request.format === 'pcap') return;
  await writeFlows(capture, data, rows);
  await rm(capture, { force: true });
}

async function writeCapture({ attacks, startMs, durationS, seed = 1 }: GenerationRequest, path: string) {
  const kind = (attacks[0] ?? 'benign') as TrafficKind;
  const file = openSync(path, 'w', 0o600);
  try {
    const options = { kind, seed, startMs, durationS, captureName: 'capture.pcap' };
    const { truth } = await writeTraffic(options, (chunk) => void writeSync(file, chunk));
    return truth;
  } finally {
    closeSync(file);
  }
}

/** The flows of a capture as CSV, each with the attack it belongs to, or `benign`. */
async function writeFlows(capture: string, path: string, rows: readonly TruthRow[]): Promise<void> {
  const file = openSync(path, 'w', 0o600);
  const config = DEFAULT_DETECTION_CONFIG;
  const shared = { sensor: 'sample', partitions: 1, config, allowedLatenessMs: config.allowedLatenessMs } as const;
  let hasHeader = false;
  const write = (flow: FlowSummary) => {
    const line = { ...flow, application: flow.application ?? '', label: labelOf(flow, rows) };
    if (!hasHeader) writeSync(file, csvLine(Object.keys(line)));
    hasHeader = true;
    writeSync(file, csvLine(Object.values(line)));
  };
  try {
    const source = createCaptureFileSource({ path: capture });
    const stop = new AbortController().signal;
    await runDetection(
      { ...shared, source, stop, stages: 'flow', maxBatchPackets: 4096, tick: 'none' },
      {
        incident: () => undefined,
        flowRecords: (sensor, records) => {
          for (let row = 0; row < records.count; row++) write(flowSummaryOf(sensor, records, row));
        },
      },
    );
  } finally {
    closeSync(file);
  }
}

/** The attack whose time, attacker (where it is an address) and victim fit. */
function labelOf({ originator, responder, startMs, endMs }: FlowSummary, rows: readonly TruthRow[]): string {
  const fits = ({ start_epoch, end_epoch, attacker, victim }: TruthRow) =>
    startMs <= Number(end_epoch) * 1000 + 1 &&
    endMs >= Number(start_epoch) * 1000 - 1 &&
    (/^[0-9a-f.:]+$/i.test(attacker) ? originator === attacker : victim.startsWith(responder));
  return rows.find(fits)?.label ?? 'benign';
}
