import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createCaptureFileSource } from '@weir/capture-agent';
import type { DetectionConfig } from '@weir/functions';
import { type Call, defineCommand } from '../command.js';
import { ExitCode, UsageError } from '../errors.js';
import { type CaptureResult, evaluateCaptures, type ManifestRow, readManifest } from '../eval/captures.js';
import { CHANGES, type Change } from '../eval/changes.js';
import { detectInCapture } from '../eval/detect.js';
import {
  attackTable,
  categoryTable,
  changeTable,
  falseTable,
  lowTable,
  missTable,
  type Reasons,
  scenarioLine,
  type Table,
  tableMarkdown,
  tableText,
} from '../eval/report.js';
import { scoreScenario } from '../eval/score.js';
import { type Attack, readTruth } from '../eval/truth.js';
import { readJsonInput } from '../input-text.js';
import { evaluateModels } from '../models/evaluate.js';
import { alarmsOf, chooseModels, MODEL_OPTIONS } from '../models/model-options.js';
import type { OptionTable } from '../options/declaration.js';
import { reasonOf } from '../results/result-file.js';
import { DETECTION_OPTIONS, detectionConfigOf } from '../rules/with-rules.js';
import { refuseUnreadable } from '../source-options.js';

const EVAL_OPTIONS = {
  captures: { type: 'text', value: 'CSV', description: 'Manifest of captures: columns category, label, file' },
  root: { type: 'text', value: 'DIR', description: "Folder that the manifest's files are below (default: the manifest's)" },
  only: { type: 'text', value: 'WORD', description: 'Only captures whose category or label holds this word' },
  changed: { type: 'flag', description: 'Also judge the captures with other addresses, slower, faster, and with packets lost' },
  scenario: { type: 'text', value: 'PCAP', description: 'A capture of many attacks, to be scored with --truth' },
  truth: { type: 'text', value: 'CSV', description: 'What was done in it, as weir traffic writes it' },
  additions: { type: 'text', value: 'JSON', description: 'Addresses and domains that the truth leaves out, by label' },
  reasons: { type: 'text', value: 'JSON', description: 'Why captures are missed, by label, for the table of misses' },
  markdown: { type: 'text', value: 'FILE', description: 'Write the tables as Markdown too, between <!-- begin evaluation --> and <!-- end evaluation --> where the file has them' },
  ...DETECTION_OPTIONS,
  ...MODEL_OPTIONS,
} as const satisfies OptionTable; // biome-ignore format: one option a line

/** `weir eval`. Its name is a word that no variable may have. */
export const evaluate = defineCommand({
  name: 'eval',
  usage: '',
  maxOperands: 0,
  description:
    'Runs detection over every capture of a manifest and tells, by category, how many give an incident of a right kind, ' +
    'and how many benign ones give nothing above low. With --scenario it scores a capture of many timed attacks: ' +
    'detected, typed, false incidents, time to detect.',
  options: EVAL_OPTIONS,
  examples: [
    { line: 'weir eval --captures manifest.csv', meaning: 'A table by category, and each miss.' },
    {
      line: 'weir eval --captures manifest.csv --changed',
      meaning: 'Whether the same is told of other addresses, at other speeds, with packets lost.',
    },
    {
      line: 'weir eval --model flow-fusion --scenario day.pcap --truth truth.csv',
      meaning: 'What a model adds, row by row and in incidents.',
    },
    { line: 'weir eval --scenario day.pcap --truth truth.csv', meaning: 'What weir traffic day made, scored.' },
  ],
  run: runEval,
});

type EvalCall = Call<typeof EVAL_OPTIONS>;

async function runEval(call: EvalCall): Promise<number> {
  const { captures, scenario, truth, markdown } = call.options;
  if (captures === undefined && scenario === undefined)
    throw new UsageError('nothing to evaluate. Name --captures MANIFEST, or --scenario PCAP with --truth CSV.');
  if ((scenario === undefined) !== (truth === undefined))
    throw new UsageError('--scenario and --truth go together. Name both.');
  const config = await detectionConfigOf(call.options);
  // Everything is looked at before the minutes that the work takes.
  const scoring =
    scenario === undefined ? undefined : await scenarioWork(call, config, { path: scenario, truth: truth! });
  const judging = captures === undefined ? undefined : await captureWork(call, config, captures);
  if (markdown !== undefined) refuseUnwritable(markdown);
  const parts = [...((await scoring?.()) ?? []), ...((await judging?.()) ?? [])];
  for (const part of parts) call.io.stdout.write(typeof part === 'string' ? `${part}\n\n` : tableText(part));
  if (markdown !== undefined) writeFileSync(markdown, document(parts, markdown));
  return ExitCode.ok;
}

/** A table or a sentence. */
type Part = Table | string;

/** Work whose input was looked at. */
type Work = () => Promise<Part[]>;

interface Scenario {
  readonly path: string;
  readonly truth: string;
}

async function scenarioWork(call: EvalCall, config: DetectionConfig, scenario: Scenario): Promise<Work> {
  const { options, io } = call;
  const attacks = readTruth(scenario.truth, options.additions);
  await refuseUnreadable([scenario.path]);
  if (options.model === undefined) return () => scenarioParts(scenario.path, { attacks, config, io });
  const replay = { mapping: undefined, 'skip-bad-rows': false, config: options.config };
  const trial = { ...scenario, options: replay, config, io, alarms: alarmsOf(options) };
  const selections = await chooseModels(options);
  return () => evaluateModels({ ...trial, selections });
}

interface ScenarioRun extends Pick<EvalCall, 'io'> {
  readonly attacks: readonly Attack[];
  readonly config: DetectionConfig;
}

async function scenarioParts(path: string, { attacks, config, io }: ScenarioRun): Promise<Part[]> {
  const { incidents } = await detectInCapture(createCaptureFileSource({ path }), config, io.stop);
  const score = scoreScenario(attacks, incidents);
  return [`Scenario: ${scenarioLine(score)}.`, attackTable(score), falseTable(score)];
}

async function captureWork({ options, io }: EvalCall, config: DetectionConfig, manifest: string): Promise<Work> {
  const { only = '', reasons } = options;
  const rows = readManifest(manifest).filter(({ category, label }) => `${category} ${label}`.includes(only));
  const root = options.root ?? dirname(resolve(manifest));
  await refuseUnreadable(rows.map(({ file }) => join(root, file)));
  const why = reasons === undefined ? {} : (readJsonInput(reasons) as Reasons);
  const run = { root, config, io };
  return async () => {
    const results = await judgeCaptures(rows, run);
    const parts = [categoryTable(results), missTable(results, why), lowTable(results)];
    return options.changed ? [...parts, await changedPart(rows, results, run)] : parts;
  };
}

interface CapturesRun extends Pick<EvalCall, 'io'> {
  readonly root: string;
  readonly config: DetectionConfig;
}

async function judgeCaptures(rows: readonly ManifestRow[], run: CapturesRun, change?: Change) {
  const { root, config, io } = run;
  const results = await evaluateCaptures(rows, {
    root,
    config,
    ...(change ? { change } : {}),
    stop: io.stop,
    onProgress: (done) => {
      const how = change ? `, ${change.name}` : '';
      if (io.stderr.isTerminal) io.stderr.write(`\r\u001b[K${done} of ${rows.length} captures${how}`);
    },
  });
  if (io.stderr.isTerminal) io.stderr.write('\r\u001b[K');
  return results;
}

async function changedPart(
  rows: readonly ManifestRow[],
  asTheyAre: readonly CaptureResult[],
  run: CapturesRun,
): Promise<Table> {
  const changed = [];
  for (const change of CHANGES) changed.push({ name: change.name, results: await judgeCaptures(rows, run, change) });
  return changeTable(asTheyAre, changed);
}

/** Throws a UsageError when the file cannot be written; what is in it stays. */
function refuseUnwritable(path: string): void {
  try {
    closeSync(openSync(path, 'a'));
  } catch (error) {
    throw new UsageError(`cannot write "${path}": ${reasonOf(error)}. Choose another file with --markdown.`);
  }
}

const BEGIN = '<!-- begin evaluation -->';
const END = '<!-- end evaluation -->';

/** The parts as Markdown: between the markers of a document that has them, else a document of their own. */
function document(parts: readonly Part[], path: string): string {
  const made = parts
    .map((part) => (typeof part === 'string' ? `${part}\n\n` : tableMarkdown(part)))
    .join('')
    .trimEnd();
  const around = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const [from, to] = [around.indexOf(BEGIN), around.indexOf(END)];
  if (from < 0 || to < from) return `${made}\n`;
  return `${around.slice(0, from + BEGIN.length)}\n${made}\n${around.slice(to)}`;
}
