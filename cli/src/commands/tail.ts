import { ContractError } from '@weir/contracts';
import { type Call, type Command, defineCommand } from '../command.js';
import { ExitCode, UsageError } from '../errors.js';
import { type Connect, connectKafka, KAFKA_OPTIONS, kafkaSettings, openBroker, telling } from '../kafka-options.js';
import type { Logger } from '../log/logger.js';
import { LOG_OPTIONS, openLog } from '../log/options.js';
import type { OptionTable } from '../options/declaration.js';
import { didYouMean } from '../options/suggest.js';
import { paintFor } from '../report/paint.js';
import { follow } from '../tail/follow.js';
import { TAIL_SUBJECTS, type TailSubject } from '../tail/subjects.js';
import type { TailView } from '../tail/tail-view.js';

const TAIL_OPTIONS = {
  ...KAFKA_OPTIONS,
  json: { type: 'flag', description: 'JSON lines; incidents read to the end (--until-quiet) once each, in their latest state' },
  'from-beginning': { type: 'flag', description: 'Everything that Kafka still has, not only what is new' },
  'until-quiet': { type: 'number', value: 'SECONDS', unit: 's', minimum: 0.1, maximum: 86_400, description: 'End when nothing came for this long' },
  limit: { type: 'integer', value: 'N', minimum: 1, description: 'End after this many' },
  group: { type: 'text', value: 'NAME', description: 'Consumer group: a later start goes on where this one ended' },
  ...LOG_OPTIONS,
} as const satisfies OptionTable; // biome-ignore format: one option a line

type TailCall = Call<typeof TAIL_OPTIONS>;

/** The tail command with its way to Kafka. */
export function tailCommand(connect: Connect): Command {
  return defineCommand({
    name: 'tail',
    usage: Object.keys(TAIL_SUBJECTS).join('|'),
    maxOperands: 1,
    description:
      'Prints what comes out on a topic of Kafka until it is interrupted: incidents as they are found, get worse and ' +
      'end, flow summaries, traffic windows, the health of sensors, or messages that could not be processed.',
    options: TAIL_OPTIONS,
    examples: [
      { line: 'weir tail incidents --kafka localhost:9092', meaning: 'Incidents as they are found.' },
      {
        line: 'weir tail incidents --kafka localhost:9092 --json --from-beginning --until-quiet 5',
        meaning: 'All incidents in their latest state, then the end.',
      },
      {
        line: 'weir tail health --kafka localhost:9092 --json --limit 1',
        meaning: 'How the next sensor that speaks is.',
      },
    ],
    run: (call: TailCall) => runTail(call, connect),
  });
}

export const tail = tailCommand(connectKafka);

async function runTail(call: TailCall, connect: Connect): Promise<number> {
  const { options, operands, io } = call;
  const subject = subjectOf(operands[0]);
  const settings = kafkaSettings(options, io);
  const { log, close } = openLog(options, io);
  try {
    const broker = await openBroker(connect, settings, log);
    const from = options['from-beginning'] ? 'oldest' : 'next';
    const { topic } = subject;
    const reader = broker.reader({ topic, from, ...(options.group === undefined ? {} : { group: options.group }) });
    const view = viewOf(subject, call);
    const seconds = options['until-quiet'];
    const until = { quietMs: seconds === undefined ? undefined : seconds * 1000, stop: io.stop };
    await telling(() => follow(reader, until, taker(view, call, log)));
    view.finish();
  } finally {
    close();
  }
  return ExitCode.ok;
}

function subjectOf(name: string | undefined): TailSubject {
  const names = Object.keys(TAIL_SUBJECTS);
  const known = `Choose from: ${names.join(', ')}.`;
  if (name === undefined) throw new UsageError(`nothing to follow. ${known}`);
  if (Object.hasOwn(TAIL_SUBJECTS, name)) return TAIL_SUBJECTS[name] as TailSubject;
  throw new UsageError(`"${name}" cannot be followed. ${didYouMean(name, names) || known}`);
}

function viewOf(subject: TailSubject, { options, io }: TailCall): TailView {
  const { json: isJson, color } = options;
  const endsWhenQuiet = options['until-quiet'] !== undefined;
  const layout = { columns: io.stdout.columns, paint: paintFor(io.stdout, io.env, color) };
  return subject.view({ isJson, endsWhenQuiet, print: (text) => void io.stdout.write(text) }, layout);
}

/** Shows the records of a message, one a line; what is not valid is told and passed over. */
function taker(view: TailView, { options, io }: TailCall, log: Logger): Parameters<typeof follow>[2] {
  const { limit = Number.POSITIVE_INFINITY } = options;
  let shown = 0;
  return async ({ topic, partition, offset, value }) => {
    for (const record of Buffer.from(value).toString('utf8').split('\n')) {
      if (record === '' || shown >= limit) continue;
      try {
        if (view.take(record)) shown++;
      } catch (error) {
        if (!(error instanceof ContractError)) throw error;
        log.warn({ topic, partition, offset, reason: error.message }, 'a record cannot be shown');
      }
    }
    // A slow reader of the output holds back the reading of the topic.
    if (!io.stdout.write('')) await io.stdout.drained();
    return shown >= limit ? 'enough' : 'more';
  };
}
