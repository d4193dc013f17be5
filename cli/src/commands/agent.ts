import { Decoder } from '@weir/capture-agent';
import { DEFAULT_DETECTION_CONFIG } from '@weir/functions';
import { AgentReport } from '../agent-report.js';
import { type Call, defineCommand } from '../command.js';
import { ExitCode, UsageError } from '../errors.js';
import { LOG_OPTIONS, openLog } from '../log/options.js';
import type { OptionTable } from '../options/declaration.js';
import { runAgent } from '../pipeline.js';
import { BatchWriter } from '../results/batch-writer.js';
import { agentOptions, chooseSource, SOURCE_OPTIONS } from '../source-options.js';

const AGENT_OPTIONS = {
  out: { type: 'text', value: 'DIR|-', description: 'Write batches as Arrow IPC streams: a file each in DIR, or one after the other to standard output' },
  partitions: { type: 'integer', value: 'N', default: 4, minimum: 1, maximum: 256, description: 'Flow partitions' },
  kafka: { type: 'text', value: 'BROKERS', description: 'Not available in this build' },
  ...SOURCE_OPTIONS,
  ...LOG_OPTIONS,
} as const satisfies OptionTable; // biome-ignore format: one option a line

export const agent = defineCommand({
  name: 'agent',
  summary: 'capture and decode only: print counters, or write batches',
  usage: '[FILE|-]',
  maxOperands: 1,
  description:
    'Captures and decodes packets without looking for incidents. Prints how the sensor is as a JSON line a second, or ' +
    'writes what it would send on with --out. Sending to Kafka is not available in this build.',
  options: AGENT_OPTIONS,
  examples: [
    { line: 'sudo weir agent --interface eth0', meaning: 'Counters of a live interface, each second.' },
    { line: 'weir agent capture.pcap --out batches/', meaning: 'Batches as files that any Arrow library reads.' },
  ],
  run: capture,
});

async function capture(call: Call<typeof AGENT_OPTIONS>): Promise<number> {
  const { options, io } = call;
  if (options.kafka !== undefined) {
    throw new UsageError('--kafka is not available in this build. Leave it out to print counters, or use --out DIR.');
  }
  const chosen = chooseSource(call);
  const { source } = chosen;
  const decoder = new Decoder();
  const writer = options.out === undefined ? undefined : new BatchWriter(options.out, io.stdout);
  // Standard output belongs to the batches when they go there.
  const report = new AgentReport(options.out === '-' ? io.stderr : io.stdout, io.elapsedMs, decoder);
  const { log, close } = openLog(options, io);
  try {
    const { partitions } = options;
    const { allowedLatenessMs } = DEFAULT_DETECTION_CONFIG;
    const settings = { ...agentOptions(call, chosen), partitions, allowedLatenessMs, decoder };
    const { packets, warnings } = await runAgent(settings, (batch) => {
      writer?.write(batch);
      report.batch(batch);
    });
    report.finish();
    log.info({ source: source.name, packets }, 'input ended');
    for (const warning of warnings) log.warn({ source: source.name, warning }, 'input was damaged');
  } finally {
    close();
  }
  return ExitCode.ok;
}
