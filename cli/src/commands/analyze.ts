import { fileURLToPath } from 'node:url';
import { SEVERITIES } from '@weir/contracts';
import type { DetectionConfig, ScoreStatus, ShadowStatus } from '@weir/functions';
import { type AnalysedSource, Analysis } from '../analysis.js';
import { type Call, defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { LOG_OPTIONS, openLog } from '../log/options.js';
import { MODEL_OPTIONS, scoringOf, shadowText, statusText } from '../models/model-options.js';
import type { OptionTable } from '../options/declaration.js';
import { type AgentResult, runDetection } from '../pipeline.js';
import { detectInFlowTable } from '../pipeline-flow-table.js';
import { TimedSource } from '../report/covered-time.js';
import { DETECTION_OPTIONS, detectionConfigOf } from '../rules/with-rules.js';
import { agentOptions, chooseSource, SOURCE_OPTIONS } from '../source-options.js';
import { chooseFlowTable, TABLE_OPTIONS, tableRunOptions } from '../table-options.js';

/** The capture that comes with Weir, and the pace at which it is shown. */
export const DEMO = {
  path: fileURLToPath(new URL('../../../testdata/demo/capture.pcap.gz', import.meta.url)),
  speed: '60x',
} as const;

export const ANALYZE_OPTIONS = {
  json: { type: 'flag', description: 'Print incidents as JSON lines in their final state, and nothing else' },
  csv: { type: 'text', value: 'FILE', description: 'Write incidents as CSV' },
  flows: { type: 'text', value: 'FILE', description: 'Write flow records: CSV if the name ends in .csv, else JSON lines' },
  windows: { type: 'text', value: 'FILE', description: 'Write traffic windows of the network and its hosts as JSON lines' },
  'fail-on': { type: 'text', value: 'SEVERITY', choices: SEVERITIES, description: 'Exit with 1 when an incident is at least this severe' },
  ...DETECTION_OPTIONS,
  ...SOURCE_OPTIONS,
  ...TABLE_OPTIONS,
  ...MODEL_OPTIONS,
  ...LOG_OPTIONS,
} as const satisfies OptionTable; // biome-ignore format: one option a line

export const analyze = defineCommand({
  name: 'analyze',
  usage: '[FILE|-]',
  maxOperands: 1,
  description:
    'Reads a capture (pcap or pcapng), a flow table (CSV, CICIDS2017, Zeek conn.log), either gzip-compressed or not, - for ' +
    'standard input, or a live interface, and prints what does not belong, with evidence and advice. Without any input it shows the capture that comes with Weir as if live.',
  options: ANALYZE_OPTIONS,
  examples: [
    { line: 'weir analyze capture.pcapng', meaning: 'Incidents of a file, at full speed.' },
    {
      line: 'weir analyze --json capture.pcap | jq .title',
      meaning: 'One JSON object an incident, for other programs.',
    },
    {
      line: 'weir analyze --fail-on high capture.pcap',
      meaning: 'Exit code 1 if anything is high or critical: for scripts.',
    },
    {
      line: 'weir analyze flows.csv --skip-bad-rows',
      meaning: 'Flows that another program put together; rows that cannot be read are counted.',
    },
    {
      line: 'weir analyze conn.log --batch 100 --delay 0.1',
      meaning: 'A hundred rows each tenth of a second, incidents as they are found.',
    },
    {
      line: 'weir analyze --model isolation-forest --alarms-per-day 5 capture.pcap',
      meaning: 'A model beside the rules, with as many alarms a day as you accept.',
    },
    {
      line: 'weir analyze --rules rules.yaml capture.pcap',
      meaning: 'With thresholds, exceptions and lists of your own.',
    },
    { line: 'sudo tcpdump -i eth0 -U -w - | weir analyze -', meaning: 'What another program captures.' },
    {
      line: 'sudo weir analyze --interface auto --csv incidents.csv',
      meaning: 'Live, with the incidents kept as CSV.',
    },
  ],
  run: runAnalyze,
});

async function runAnalyze(call: Call<typeof ANALYZE_OPTIONS>): Promise<number> {
  const table = await chooseFlowTable(call);
  if (!table) return analysePackets(call);
  const source = { name: table.name, kind: 'file', progress: () => table.progress() } as const;
  const chosen: AnalysedSource = { source, isPaced: call.options.delay > 0, unit: 'rows' };
  const models = await modelsOf(call);
  return report(call, chosen, (analysis, config) => {
    const run = { ...tableRunOptions(call, table), ...shared(analysis, config), ...models };
    return detectInFlowTable(run, analysis.sink);
  });
}

async function analysePackets(call: Call<typeof ANALYZE_OPTIONS>): Promise<number> {
  const { source: chosen, isPaced } = chooseSource(call, DEMO);
  const source = new TimedSource(chosen);
  const models = await modelsOf(call);
  // What cannot be read is refused before files of results are made, or made empty.
  await source.open();
  try {
    return await report(call, { source, isPaced, covered: () => source.covered }, (analysis, config) => {
      const run = { ...agentOptions(call, { source, isPaced }), ...shared(analysis, config), ...models };
      return runDetection(run, analysis.sink);
    });
  } finally {
    await source.close();
  }
}

/** Models score when they are asked for; what they did is told on standard error, as it is about the run. */
async function modelsOf({ options, io }: Call<typeof ANALYZE_OPTIONS>) {
  if (options.model === undefined) {
    refuseModelOptions(options);
    return {};
  }
  const onModels = (status: readonly ScoreStatus[], shadow: ShadowStatus | undefined) => {
    for (const one of status) io.stderr.write(`${statusText(one)}\n`);
    if (shadow) io.stderr.write(`${shadowText(shadow)}\n`);
  };
  return { scoring: await scoringOf(options), onModels };
}

/** Throws a UsageError for options that would do nothing. */
function refuseModelOptions({ threshold, learned, registry }: Call<typeof ANALYZE_OPTIONS>['options']): void {
  const given = Object.entries({ threshold, learned, registry }).find(([, value]) => value !== undefined);
  if (given)
    throw new UsageError(`--${given[0]} is for models, and none is to score. Add --model ID, or leave it out.`);
}

/** What a run has whatever its input is. */
function shared(analysis: Analysis, config: DetectionConfig) {
  const { allowedLatenessMs } = config;
  return { partitions: 1, allowedLatenessMs, config, onProgress: (count: number) => analysis.progress(count) };
}

/** Runs the detection and tells what came of it; gives the exit code. */
async function report(
  { options, io }: Call<typeof ANALYZE_OPTIONS>,
  chosen: AnalysedSource,
  detect: (analysis: Analysis, config: DetectionConfig) => Promise<AgentResult>,
): Promise<number> {
  const config = await detectionConfigOf(options);
  const { log, close } = openLog(options, io);
  const analysis = new Analysis({ options, io, log, chosen });
  try {
    const { packets, warnings } = await detect(analysis, config);
    analysis.finish(packets, warnings);
  } finally {
    analysis.close();
    close();
  }
  return analysis.exitCode();
}
