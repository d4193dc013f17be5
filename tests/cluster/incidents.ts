import { fileURLToPath } from 'node:url';
import { Batcher, createCaptureFileSource, createRawPackets, Decoder } from '@weir/capture-agent';
import type { Incident } from '@weir/contracts';
import {
  DEFAULT_ALARM_SETTINGS,
  DEFAULT_DETECTION_CONFIG,
  type DetectionConfig,
  EmbeddedRuntime,
  Registry,
  type ScoringOptions,
  selectModels,
} from '@weir/functions';
import type { TopicLog } from './topic-log.js';

/** What may not depend on how Weir runs: all but samples of what was seen, which each partition takes of its own. */
export type IncidentCore = Pick<
  Incident,
  | 'id'
  | 'kind'
  | 'entity'
  | 'severity'
  | 'state'
  | 'startMs'
  | 'endMs'
  | 'evidence'
  | 'sources'
  | 'alerts'
  | 'magnitude'
>;

/** What a capture comes to in one process: the final incidents in the order of ids, and how many flows ended. */
export interface Outcome {
  readonly incidents: readonly IncidentCore[];
  readonly flows: number;
}

/** What a run has besides its capture. */
export interface EmbeddedUse {
  /** Models that score, with commas, and the score from which they alarm. */
  readonly models?: string;
  readonly threshold?: number;
  /** Default: as settings come. */
  readonly config?: DetectionConfig;
}

/** Runs a capture through the embedded runtime. */
export async function embeddedOutcome(path: string, use: EmbeddedUse = {}): Promise<Outcome> {
  const incidents: Incident[] = [];
  let flows = 0;
  const scoring = await scoringWith(use);
  const runtime = new EmbeddedRuntime({
    scoring,
    config: use.config ?? DEFAULT_DETECTION_CONFIG,
    sink: {
      incident: ({ incident }) => incidents.push(structuredClone(incident)),
      flowRecords: (_sensor, records) => {
        flows += records.count;
      },
    },
  });
  const options = { sensor: 'local', partitions: 1, maxPackets: 1000, decoder: new Decoder() };
  const batcher = new Batcher(options, (batch) => {
    runtime.deliver(batch);
    void runtime.settle();
  });
  const source = createCaptureFileSource({ path });
  const block = createRawPackets(4096);
  await source.open();
  while (await source.read(block)) batcher.push(block);
  batcher.finish();
  await source.close();
  await runtime.settle();
  return { incidents: finalOf(incidents), flows };
}

async function scoringWith({ models, threshold }: EmbeddedUse): Promise<ScoringOptions | undefined> {
  if (models === undefined) return undefined;
  const registry = new Registry(fileURLToPath(new URL('../../models/registry', import.meta.url)));
  const selections = await selectModels(registry, models.split(','));
  return { selections, alarms: { ...DEFAULT_ALARM_SETTINGS, scoreThreshold: threshold } };
}

/** What a reader that keys by id has in the end: of each incident the highest revision. */
export function finalOf(statements: readonly Incident[]): IncidentCore[] {
  const last = new Map<string, Incident>();
  for (const incident of statements) {
    const known = last.get(incident.id);
    if (known === undefined || incident.revision >= known.revision) last.set(incident.id, incident);
  }
  return [...last.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).map(coreOf);
}

function coreOf({ id, kind, entity, severity, state, startMs, endMs, evidence, sources, alerts, magnitude }: Incident) {
  return { id, kind, entity, severity, state, startMs, endMs, evidence, sources, alerts, magnitude };
}

/** The incidents told since then. */
export function incidentsIn(log: TopicLog, sinceMs: number): IncidentCore[] {
  const text = new TextDecoder();
  return finalOf(log.since(sinceMs).map(({ value }) => JSON.parse(text.decode(value)) as Incident));
}

/** How many lines were told since then. */
export function linesIn(log: TopicLog, sinceMs: number): number {
  let lines = 0;
  for (const { value } of log.since(sinceMs)) lines += Buffer.from(value).toString().trimEnd().split('\n').length;
  return lines;
}

/** True when they are equal; undefined, so that a wait goes on, when not. */
export function isSame(a: readonly IncidentCore[], b: readonly IncidentCore[]): true | undefined {
  return JSON.stringify(a) === JSON.stringify(b) || undefined;
}
