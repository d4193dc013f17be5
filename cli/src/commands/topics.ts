import { ensureTopics, TOPIC_PLANS, type TopicFinding, type TopicPlan } from '@weir/capture-agent';
import { Topic } from '@weir/contracts';
import { type Call, type Command, defineCommand } from '../command.js';
import { ExitCode } from '../errors.js';
import { type Connect, connectKafka, KAFKA_OPTIONS, kafkaSettings, openBroker, telling } from '../kafka-options.js';
import { LOG_OPTIONS, openLog } from '../log/options.js';
import type { OptionTable } from '../options/declaration.js';
import { formatTable } from '../report/table.js';

const TOPICS_OPTIONS = {
  ...KAFKA_OPTIONS,
  check: { type: 'flag', description: 'Make nothing; exit with 1 when a topic is missing or differs' },
  json: { type: 'flag', description: 'One JSON object a topic' },
  copies: { type: 'integer', value: 'N', default: -1, minimum: -1, maximum: 100, description: 'Replicas of a new topic; -1: as the cluster has it by default' },
  'packets-partitions': { type: 'integer', value: 'N', minimum: 1, maximum: 10_000, description: 'Partitions of the topic packets, at least the parallelism of Flink' },
  ...LOG_OPTIONS,
} as const satisfies OptionTable; // biome-ignore format: one option a line

type TopicsCall = Call<typeof TOPICS_OPTIONS>;

/** The topics command with its way to Kafka. */
export function topicsCommand(connect: Connect): Command {
  return defineCommand({
    name: 'topics',
    usage: '',
    maxOperands: 0,
    description:
      'Makes the topics that are missing, with the partitions, retention and compaction that Weir expects. Topics that ' +
      'exist are never changed: what differs is told. May be run again at any time.',
    options: TOPICS_OPTIONS,
    examples: [
      { line: 'weir topics --kafka localhost:9092', meaning: 'Once for a new cluster.' },
      { line: 'weir topics --kafka localhost:9092 --check', meaning: 'Exit code 1 if anything is not as planned.' },
    ],
    run: (call: TopicsCall) => runTopics(call, connect),
  });
}

export const topics = topicsCommand(connectKafka);

async function runTopics({ options, io }: TopicsCall, connect: Connect): Promise<number> {
  const settings = kafkaSettings(options, io);
  const { log, close } = openLog(options, io);
  try {
    const broker = await openBroker(connect, settings, log);
    const { check, copies } = options;
    const plans = TOPIC_PLANS.map((plan) => withPartitions(plan, options['packets-partitions']));
    const keeper = broker.topics();
    const findings = await telling(async () => {
      await keeper.connect();
      return ensureTopics(keeper, { plans, make: !check, copies });
    }).finally(() => keeper.disconnect().catch(() => undefined));
    io.stdout.write(options.json ? jsonOf(findings) : textOf(findings));
    return check && !findings.every(({ state }) => state === 'as planned') ? ExitCode.found : ExitCode.ok;
  } finally {
    close();
  }
}

function withPartitions(plan: TopicPlan, partitions: number | undefined): TopicPlan {
  return plan.name === Topic.packets && partitions !== undefined ? { ...plan, partitions } : plan;
}

function jsonOf(findings: readonly TopicFinding[]): string {
  const lines = findings.map(({ plan, ...found }) => JSON.stringify({ ...plan, ...found }));
  return `${lines.join('\n')}\n`;
}

function textOf(findings: readonly TopicFinding[]): string {
  const columns = [{ title: 'topic' }, { title: 'state' }, { title: 'partitions' }, { title: 'kept' }];
  const rows = findings.map(({ plan, state }) => [plan.name, state, String(plan.partitions), keptText(plan)]);
  const differences = findings.flatMap(({ plan, differences }) => differences.map((text) => `${plan.name}: ${text}`));
  const hint = 'Weir changes no topic that exists: use kafka-configs and kafka-topics where it matters.';
  return `${[formatTable(columns, rows), ...(differences.length > 0 ? ['', ...differences, hint] : [])].join('\n')}\n`;
}

function keptText({ settings }: TopicPlan): string {
  if (settings['cleanup.policy'] === 'compact') return 'the last of each key';
  const hours = Number(settings['retention.ms']) / 3_600_000;
  const megabytes = Number(settings['retention.bytes']) / 2 ** 20;
  return `${hours % 24 === 0 ? `${hours / 24} d` : `${hours} h`}, ${megabytes} MiB a partition`;
}
