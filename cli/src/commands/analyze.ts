import { fileURLToPath } from 'node:url';
import { SEVERITIES, type Severity } from '@weir/contracts';
import { Analysis } from '../analysis.js';
import { type Call, defineCommand } from '../command.js';
import { loadDetectionConfig } from '../detection-config.js';
import { ExitCode } from '../errors.js';
import { LOG_OPTIONS, openLog } from '../log/options.js';
import type { OptionTable } from '../options/declaration.js';
import { runDetection } from '../pipeline.js';
import { agentOptions, chooseSource, SOURCE_OPTIONS } from '../source-options.js';

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
  config: { type: 'text', value: 'FILE', description: 'Detection settings as JSON; what it leaves out keeps its default' },
  ...SOURCE_OPTIONS,
  ...LOG_OPTIONS,
} as const satisfies OptionTable; // biome-ignore format: one option a line

export const analyze = defineCommand({
  name: 'analyze',
  summary: 'find incidents in a capture file or on an interface',
  usage: '[FILE|-]',
  maxOperands: 1,
  description:
    'Reads a capture (pcap or pcapng, gzip-compressed or not, - for standard input) or a live interface, and prints what ' +
    'does not belong, with evidence and advice. Without any input it shows the capture that comes with Weir as if live.',
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
    { line: 'tcpdump -i eth0 -w - | weir analyze -', meaning: 'What another program captures.' },
    {
      line: 'sudo weir analyze --interface auto --csv incidents.csv',
      meaning: 'Live, with the incidents kept as CSV.',
    },
  ],
  run: runAnalyze,
});

async function runAnalyze(call: Call<typeof ANALYZE_OPTIONS>): Promise<number> {
  const { options, io } = call;
  const chosen = chooseSource(call, DEMO);
  const config = loadDetectionConfig(options.config);
  const { log, close } = openLog(options, io);
  const analysis = new Analysis({ options, io, log, chosen });
  try {
    const { packets, warnings } = await runDetection(
      {
        ...agentOptions(call, chosen),
        partitions: 1,
        allowedLatenessMs: config.allowedLatenessMs,
        onProgress: (count) => analysis.progress(count),
        config,
      },
      analysis.sink,
    );
    analysis.finish(packets, warnings);
  } finally {
    analysis.close();
    close();
  }
  return options['fail-on'] && analysis.reaches(options['fail-on'] as Severity) ? ExitCode.found : ExitCode.ok;
}
