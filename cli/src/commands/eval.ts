import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Call, defineCommand } from '../command.js';
import { loadDetectionConfig } from '../detection-config.js';
import { ExitCode, UsageError } from '../errors.js';
import { evaluateCaptures, readManifest } from '../eval/captures.js';
import { detectInCapture } from '../eval/detect.js';
import {
  attackTable,
  categoryTable,
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
import { readTruth } from '../eval/truth.js';
import { evaluateModels } from '../models/evaluate.js';
import { alarmsOf, chooseModels, MODEL_OPTIONS } from '../models/model-options.js';
import type { OptionTable } from '../options/declaration.js';

const EVAL_OPTIONS = {
  captures: { type: 'text', value: 'CSV', description: 'Manifest of captures: columns category, label, file' },
  root: { type: 'text', value: 'DIR', description: "Folder that the manifest's files are below (default: the manifest's)" },
  only: { type: 'text', value: 'WORD', description: 'Only captures whose category or label holds this word' },
  scenario: { type: 'text', value: 'PCAP', description: 'A capture of many attacks, to be scored with --truth' },
  truth: { type: 'text', value: 'CSV', description: 'What was done in it, as weir traffic writes it' },
  additions: { type: 'text', value: 'JSON', description: 'Addresses and domains that the truth leaves out, by label' },
  reasons: { type: 'text', value: 'JSON', description: 'Why captures are missed, by label, for the table of misses' },
  markdown: { type: 'text', value: 'FILE', description: 'Write the tables as Markdown too, between <!-- begin evaluation --> and <!-- end evaluation --> where the file has them' },
  config: { type: 'text', value: 'FILE', description: 'Detection settings as JSON; what it leaves out keeps its default' },
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
  const parts = [
    ...(scenario === undefined ? [] : await scenarioParts(call, scenario, truth!)),
    ...(captures === undefined ? [] : await captureParts(call, captures)),
  ];
  for (const part of parts) call.io.stdout.write(typeof part === 'string' ? `${part}\n\n` : tableText(part));
  if (markdown !== undefined) writeFileSync(markdown, document(parts, markdown));
  return ExitCode.ok;
}

/** A table or a sentence. */
type Part = Table | string;

async function scenarioParts({ options, io }: EvalCall, path: string, truth: string): Promise<Part[]> {
  if (options.model !== undefined) {
    const replay = { mapping: undefined, 'skip-bad-rows': false, config: options.config };
    const trial = { path, truth, options: replay, config: loadDetectionConfig(options.config), io };
    return evaluateModels({ ...trial, selections: await chooseModels(options), alarms: alarmsOf(options) });
  }
  const attacks = readTruth(truth, options.additions);
  const { incidents } = await detectInCapture(path, loadDetectionConfig(options.config), io.stop);
  const score = scoreScenario(attacks, incidents);
  return [`Scenario: ${scenarioLine(score)}.`, attackTable(score), falseTable(score)];
}

async function captureParts({ options, io }: EvalCall, manifest: string): Promise<Part[]> {
  const { only = '', reasons } = options;
  const rows = readManifest(manifest).filter(({ category, label }) => `${category} ${label}`.includes(only));
  const results = await evaluateCaptures(rows, {
    root: options.root ?? dirname(resolve(manifest)),
    config: loadDetectionConfig(options.config),
    stop: io.stop,
    onProgress: (done) => {
      if (io.stderr.isTerminal) io.stderr.write(`\r${done} of ${rows.length} captures`);
    },
  });
  if (io.stderr.isTerminal) io.stderr.write('\r\u001b[K');
  const why: Reasons = reasons === undefined ? {} : JSON.parse(readFileSync(reasons, 'utf8'));
  return [categoryTable(results), missTable(results, why), lowTable(results)];
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
