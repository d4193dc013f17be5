import { Decoder, type PacketSource } from '@weir/capture-agent';
import { DEFAULT_DETECTION_CONFIG } from '@weir/functions';
import { openAgentInput } from '../agent/agent-input.js';
import { sendToKafka } from '../agent/send-to-kafka.js';
import { AgentReport } from '../agent-report.js';
import { type Call, type Command, defineCommand } from '../command.js';
import { ExitCode, UsageError } from '../errors.js';
import { type Connect, connectKafka, KAFKA_OPTIONS, kafkaSettings, namesBroker, openBroker } from '../kafka-options.js';
import type { Logger } from '../log/logger.js';
import { LOG_OPTIONS, openLog } from '../log/options.js';
import { OpenedSource } from '../opened-source.js';
import type { OptionTable } from '../options/declaration.js';
import { PacedOutput } from '../paced-output.js';
import { type AgentResult, runAgent } from '../pipeline.js';
import { BatchWriter } from '../results/batch-writer.js';
import { agentOptions, type ChosenSource, chooseSource, SOURCE_OPTIONS, TICK_MS } from '../source-options.js';
import { TABLE_OPTIONS } from '../table-options.js';
import { collectLessOften } from '../v8-flags.js';

const AGENT_OPTIONS = {
  read: { type: 'text', value: 'FILE', description: 'Capture file or flow table to read; - for standard input. A FILE without --read means the same' },
  ...KAFKA_OPTIONS,
  partitions: { type: 'integer', value: 'N', default: 4, minimum: 1, maximum: 256, description: 'Flow partitions' },
  tick: {
    type: 'integer', value: 'N', unit: 'ms', default: TICK_MS, minimum: 10, maximum: 60_000,
    description: 'Live, or a file at its pace: longest that a batch waits to fill. A longer one makes fewer messages, and later incidents',
  },
  'new-run': { type: 'flag', description: 'Kafka: a file that was sent before counts again, instead of being known by its numbers' },
  out: { type: 'text', value: 'DIR|-', description: 'Write batches as Arrow IPC streams: a file each in DIR, or one after the other to standard output' },
  ...SOURCE_OPTIONS,
  ...TABLE_OPTIONS,
  ...LOG_OPTIONS,
} as const satisfies OptionTable; // biome-ignore format: one option a line

type AgentCall = Call<typeof AGENT_OPTIONS>;

/** What stands between the command and the world. */
export interface AgentParts {
  readonly connect: Connect;
  readonly choose: typeof chooseSource;
}

/** The agent with its ways to Kafka and to packets. */
export function agentCommand(parts: AgentParts): Command {
  return defineCommand({
    name: 'agent',
    usage: '[FILE|-]',
    maxOperands: 1,
    description:
      'Captures and decodes packets without looking for incidents. With --kafka it sends them on to the topic packets, ' +
      'and how it fares to sensor_health. While Kafka is away a file waits; live packets are kept in a bounded queue ' +
      'whose oldest are dropped and counted. Prints how the sensor is as a JSON line a second.',
    options: AGENT_OPTIONS,
    examples: [
      {
        line: 'sudo weir agent --interface eth0 --kafka kafka:9092 --sensor office',
        meaning: 'A live sensor of a cluster.',
      },
      {
        line: 'weir agent --read capture.pcap --kafka localhost:9092 --sensor lab --speed 10x',
        meaning: 'A file, ten times as fast as it was captured. Started again, it repeats itself without harm.',
      },
      { line: 'sudo weir agent --interface eth0', meaning: 'Counters of a live interface, each second.' },
      { line: 'weir agent capture.pcap --out batches/', meaning: 'Batches as files that any Arrow library reads.' },
    ],
    run: (call: AgentCall) => capture(parts, withFile(call)),
  });
}

export const agent = agentCommand({ connect: connectKafka, choose: chooseSource });

/** --read and an operand are one. */
function withFile(call: AgentCall): AgentCall {
  const { read } = call.options;
  if (read === undefined) return call;
  if (call.operands.length === 0) return { ...call, operands: [read] };
  throw new UsageError(`both --read ${read} and "${call.operands[0]}" are given. Leave one out.`);
}

async function capture(parts: AgentParts, call: AgentCall): Promise<number> {
  const { options, io } = call;
  const isSending = namesBroker(options, io) && (options.kafka !== undefined || options.out === undefined);
  if (isSending && options.out !== undefined)
    throw new UsageError('--kafka and --out do not go together. Leave one out.');
  const begin = await (isSending ? openToSend(parts, call) : openToCount(parts, call));
  const { log, close } = openLog(options, io);
  try {
    const { name, packets, warnings } = await begin(log);
    log.info({ source: name, packets }, 'input ended');
    for (const warning of warnings) log.warn({ source: name, warning }, 'input was damaged');
  } finally {
    close();
  }
  return ExitCode.ok;
}

type Ended = AgentResult & Pick<PacketSource, 'name'>;

/** Does the work once the input is open: what cannot be read is refused before anything is written. */
type Begin = (log: Logger) => Promise<Ended>;

async function openToSend({ connect, choose }: AgentParts, call: AgentCall): Promise<Begin> {
  collectLessOften();
  const settings = kafkaSettings(call.options, call.io);
  const { allowedLatenessMs } = DEFAULT_DETECTION_CONFIG;
  const parts = { ...call, decoder: new Decoder(), allowedLatenessMs, choose };
  const input = await openAgentInput(parts);
  await input.open();
  return async (log) => {
    const broker = await openBroker(connect, settings, log);
    const result = await sendToKafka({ ...parts, broker, settings, log }, input);
    return { ...result, name: input.name };
  };
}

async function openToCount({ choose }: AgentParts, call: AgentCall): Promise<Begin> {
  refuseSendingOptions(call.options);
  const { source, isPaced } = choose(call);
  const chosen = { source: new OpenedSource(source), isPaced };
  await chosen.source.open();
  return () => count(call, chosen);
}

/** Throws a UsageError for options that would do nothing. */
function refuseSendingOptions(options: AgentCall['options']): void {
  const isTable = options.delay > 0 || options.mapping !== undefined || options['skip-bad-rows'];
  if (isTable)
    throw new UsageError(
      '--delay, --mapping and --skip-bad-rows are for flow tables, which are only sent. Add --kafka, or leave them out.',
    );
  if (options['new-run']) throw new UsageError('--new-run is for what is sent. Add --kafka, or leave it out.');
}

async function count(call: AgentCall, chosen: ChosenSource): Promise<Ended> {
  const { options, io } = call;
  const decoder = new Decoder();
  const output = new PacedOutput(io.stdout, io.stop);
  const writer = options.out === undefined ? undefined : new BatchWriter(options.out, output);
  // Standard output belongs to the batches when they go there.
  const report = new AgentReport(options.out === '-' ? io.stderr : io.stdout, io.elapsedMs, decoder);
  const { partitions } = options;
  const { allowedLatenessMs } = DEFAULT_DETECTION_CONFIG;
  const ready = () => output.ready();
  const settings = { ...agentOptions(call, chosen), partitions, allowedLatenessMs, decoder, ready };
  const result = await runAgent(settings, (batch) => {
    writer?.write(batch);
    report.batch(batch);
  });
  report.finish();
  return { ...result, name: chosen.source.name };
}
