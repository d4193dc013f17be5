import type { Incident } from '@weir/contracts';
import { EmbeddedRuntime, type Selection } from '@weir/functions';
import { loadDetectionConfig } from '../detection-config.js';
import { IncidentLedger } from '../results/incident-ledger.js';
import { alarmsOf, type ModelValues, statusText } from './model-options.js';
import { type Replay, replayFile } from './replay.js';

/** Disagreements listed for each side. */
const MOST_LISTED = 50;

/** What both models are tried on. */
export type Comparison = Omit<Replay, 'config'> & {
  readonly options: Replay['options'] & Pick<ModelValues, 'alarms-per-day' | 'threshold'>;
};

/** Replays a file with each model, and tells of which sources only one of them speaks. Rejects with a SourceError. */
export async function compareModels(
  comparison: Comparison,
  [first, second]: readonly [readonly Selection[], readonly Selection[]],
): Promise<string> {
  const [one, other] = [await anomaliesOf(comparison, first), await anomaliesOf(comparison, second)];
  const names = [first, second].map((selections) => selections.map(({ id }) => id).join('+'));
  const both = one.incidents.filter((incident) => other.incidents.some((o) => isSame(incident, o)));
  return [
    ...one.status,
    ...other.status,
    `Both speak of ${both.length} anomalies.`,
    only(names[0]!, one.incidents, other.incidents),
    only(names[1]!, other.incidents, one.incidents),
  ].join('\n');
}

async function anomaliesOf({ path, options, io }: Comparison, selections: readonly Selection[]) {
  const config = loadDetectionConfig(options.config);
  const ledger = new IncidentLedger();
  const runtime = new EmbeddedRuntime({
    config,
    sink: { incident: (change) => ledger.record(change) },
    records: 'none',
    scoring: { selections, alarms: alarmsOf(options) },
  });
  await replayFile({ path, options, io, config }, runtime);
  const incidents = ledger.incidents().filter(({ kind }) => kind === 'anomaly');
  return { incidents, status: runtime.modelStatus().map(statusText) };
}

/** Of one source, and overlapping in time. */
function isSame(a: Incident, b: Incident): boolean {
  return a.entity === b.entity && a.startMs <= b.endMs && b.startMs <= a.endMs;
}

function only(name: string, own: readonly Incident[], others: readonly Incident[]): string {
  const alone = own.filter((incident) => !others.some((other) => isSame(incident, other)));
  const lines = alone
    .slice(0, MOST_LISTED)
    .map(({ startMs, title, score }) => `  ${new Date(startMs).toISOString()} ${title} (${score})`);
  const more = alone.length > MOST_LISTED ? [`  and ${alone.length - MOST_LISTED} more`] : [];
  return [`Only ${name}: ${alone.length}`, ...lines, ...more].join('\n');
}
