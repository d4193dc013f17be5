import { createCaptureFileSource, isFlowTable, openFlowTable } from '@weir/capture-agent';
import { flowSummaryOf, type Incident, SEVERITIES } from '@weir/contracts';
import type { AnalysisResult } from '@weir/dashboard-server';
import type { DetectionConfig, RuntimeSink } from '@weir/functions';
import { type AgentResult, runDetection } from '../pipeline.js';
import { detectInFlowTable } from '../pipeline-flow-table.js';
import { FlowPicture } from './flow-picture.js';

/** Incidents that a result holds, the most severe. */
const MOST_INCIDENTS = 1000;
/** Packets or rows after which a file is cut off, whatever it decompresses to. */
const MOST_PACKETS = 200_000_000;
const MAX_BATCH = 4096;
const SENSOR = 'upload';

/** How far a file has been read. */
export interface FileProgress {
  readonly share: number;
  readonly packets: number;
  readonly incidents: number;
}

/** How a file is looked into. */
export interface FileWork {
  readonly config: DetectionConfig;
  readonly stop: AbortSignal;
  readonly onProgress: (progress: FileProgress) => void;
}

/** What is in a capture or flow table. Rejects with a SourceError for a file that is neither. */
export async function analyseFile(path: string, { config, stop, onProgress }: FileWork): Promise<AnalysisResult> {
  const picture = new FlowPicture();
  const incidents = new Map<string, Incident>();
  const sink: RuntimeSink = {
    incident: ({ incident }) => void incidents.set(incident.id, incident),
    flowRecords: (sensor, records) => {
      for (let row = 0; row < records.count; row++) picture.add(flowSummaryOf(sensor, records, row));
    },
  };
  const limit = new AbortController();
  const until = AbortSignal.any([stop, limit.signal]);
  const tell = (share: number, packets: number) => {
    if (packets > MOST_PACKETS) limit.abort();
    onProgress({ share, packets, incidents: incidents.size });
  };
  const read = (await isFlowTable(path, { stop })) ? readTable : readCapture;
  const { packets, warnings } = await read(path, { config, stop: until, tell, sink });
  const cut = limit.signal.aborted ? [`Only the first ${MOST_PACKETS} packets were read.`] : [];
  return resultOf([...incidents.values()], picture, { packets, warnings: [...warnings, ...cut] });
}

interface Reading {
  readonly config: DetectionConfig;
  readonly stop: AbortSignal;
  readonly sink: RuntimeSink;
  readonly tell: (share: number, packets: number) => void;
}

/** What a reading has whatever the file is. */
function shared({ config, stop }: Reading) {
  return { sensor: SENSOR, partitions: 1, config, stop, allowedLatenessMs: config.allowedLatenessMs } as const;
}

function readCapture(path: string, reading: Reading): Promise<AgentResult> {
  const source = createCaptureFileSource({ path });
  const onProgress = (packets: number) => reading.tell(shareOf(source.progress()), packets);
  const cuts = { maxBatchPackets: MAX_BATCH, tick: 'none' } as const;
  return runDetection({ ...shared(reading), ...cuts, source, onProgress }, reading.sink);
}

async function readTable(path: string, reading: Reading): Promise<AgentResult> {
  const table = await openFlowTable(path, { skipBadRows: true, rowGapUs: 1000 });
  const onProgress = (rows: number) => reading.tell(shareOf(table.progress()), rows);
  const pace = { maxBatchRows: MAX_BATCH, delayMs: 0, sleepMs: async () => undefined };
  return detectInFlowTable({ ...shared(reading), ...pace, table, onProgress }, reading.sink);
}

function shareOf(progress: { readBytes: number; totalBytes: number } | undefined): number {
  return progress && progress.totalBytes > 0 ? progress.readBytes / progress.totalBytes : 0;
}

function resultOf(incidents: Incident[], picture: FlowPicture, { packets, warnings }: AgentResult): AnalysisResult {
  const rank = ({ severity }: Incident) => SEVERITIES.indexOf(severity);
  incidents.sort((a, b) => rank(b) - rank(a) || b.magnitude - a.magnitude || (a.id < b.id ? -1 : 1));
  const severities: Record<string, number> = {};
  for (const { severity } of incidents) severities[severity] = (severities[severity] ?? 0) + 1;
  return {
    incidents: incidents.slice(0, MOST_INCIDENTS),
    flows: picture.count,
    packets,
    ...picture.draw(incidents),
    ...picture.span,
    warnings: [...warnings],
    severities,
  };
}
