import { formatAddress } from '@weir/contracts';
import {
  type DetectionConfig,
  EmbeddedRuntime,
  FeatureCollector,
  type FeatureRows,
  rowsInOrder,
  type ScoringOptions,
  type Selection,
  scoreRows,
  strangenessOf,
} from '@weir/functions';
import { attackTable, falseTable, scenarioLine, type Table } from '../eval/report.js';
import { scoreScenario } from '../eval/score.js';
import { readTruth } from '../eval/truth.js';
import { IncidentLedger } from '../results/incident-ledger.js';
import { FeatureLabels } from './feature-labels.js';
import { type Replay, replayFile } from './replay.js';
import { FALSE_RATE, type LabelledScore, rowMetrics } from './row-metrics.js';

/** Rows scored at one time. */
const BLOCK_ROWS = 4096;

/** One labelled file, and what is to be tried on it. */
export interface Trial extends Replay {
  readonly truth: string;
  readonly selections: readonly Selection[];
  readonly alarms: ScoringOptions['alarms'];
}

/** Tables of a model on a labelled file: its rows one by one, and the incidents with and without it. */
export async function evaluateModels(trial: Trial): Promise<(Table | string)[]> {
  const parts: (Table | string)[] = [];
  for (const selection of trial.selections) parts.push(...(await rowParts(trial, selection)));
  parts.push(`Rules alone: ${scenarioLine(await scenarioOf(trial, undefined))}.`);
  const { selections, alarms } = trial;
  const withModels = await scenarioOf(trial, { selections, ...(alarms ? { alarms } : {}) });
  const names = selections.map(({ id }) => id).join(', ');
  return [
    ...parts,
    `Rules and ${names}: ${scenarioLine(withModels)}.`,
    attackTable(withModels),
    falseTable(withModels),
  ];
}

async function rowParts(trial: Trial, selection: Selection): Promise<(Table | string)[]> {
  const figures = rowMetrics(await scoredRows(trial, selection));
  const { benignRows, attackRows, rocArea, averagePrecision, falseRate, meanRecall, recalls } = figures;
  const rows = recalls.map(({ label, rows: count, recall }) => [label, String(count), recall.toFixed(3)]);
  return [
    `Model ${selection.id}: ${benignRows} benign and ${attackRows} attack rows, area under ROC ${rocArea.toFixed(3)}, ` +
      `under precision-recall ${averagePrecision.toFixed(3)}, mean recall ${meanRecall.toFixed(3)} at ${falseRate.toFixed(5)}.`,
    {
      title: `Recall by attack at ${FALSE_RATE} false alarms for each benign row (${selection.id})`,
      columns: [{ title: 'Attack' }, { title: 'Rows', align: 'right' }, { title: 'Recall', align: 'right' }],
      rows,
    },
  ];
}

/** All rows of the file, scored as the model was trained. */
async function scoredRows(trial: Trial, selection: Selection): Promise<LabelledScore[]> {
  const labels = new FeatureLabels(trial.truth);
  const collector = new FeatureCollector(selection.list, trial.config.flow);
  const isFlows = selection.list !== 'host-window';
  const runtime = new EmbeddedRuntime({
    config: trial.config,
    sink: {
      incident: () => {},
      flowRecords: (_sensor, records) => collector.takeRecords(records),
      window: (window) => collector.takeWindow(window),
    },
    stages: isFlows ? 'flow' : 'all',
    windows: isFlows ? 'none' : 'all',
  });
  await replayFile(trial, runtime);
  return scoreAll(selection, rowsInOrder(collector), labels);
}

function scoreAll(selection: Selection, rows: FeatureRows, labels: FeatureLabels): LabelledScore[] {
  const scored: LabelledScore[] = [];
  for (let from = 0; from < rows.count; from += BLOCK_ROWS) {
    const to = Math.min(rows.count, from + BLOCK_ROWS);
    const block = rows.matrix.subarray(from * rows.width, to * rows.width);
    const members = selection.members.length;
    const all = scoreRows(selection, block, to - from);
    for (let row = from; row < to; row++) {
      const scores = all.subarray((row - from) * members, (row - from + 1) * members);
      scored.push({
        label: labelOf(rows, row, labels),
        strangeness: strangenessOf(selection, selection.factory, scores),
      });
    }
  }
  return scored;
}

function labelOf(rows: FeatureRows, row: number, labels: FeatureLabels): string {
  const { startUs, timeUs, source, destination } = rows.keys.columns;
  return labels.labelOf({
    startMs: startUs[row]! / 1000,
    endMs: timeUs[row]! / 1000,
    source: formatAddress(source.bytes, row * 16),
    destination: formatAddress(destination.bytes, row * 16),
  });
}

async function scenarioOf(trial: Trial, scoring: ScoringOptions | undefined) {
  const ledger = new IncidentLedger();
  const sink = { incident: (change: Parameters<IncidentLedger['record']>[0]) => ledger.record(change) };
  const runtime = new EmbeddedRuntime({ config: trial.config as DetectionConfig, sink, records: 'none', scoring });
  await replayFile(trial, runtime);
  return scoreScenario(readTruth(trial.truth), ledger.incidents());
}
