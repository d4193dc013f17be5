import { type Call, defineCommand } from '../command.js';
import { ExitCode, UsageError } from '../errors.js';
import { formatCount } from '../report/numbers.js';
import { formatTable } from '../report/table.js';
import { type LoadedRules, loadRuleFile } from './load-rules.js';

/** `weir rules`. */
export const rules = defineCommand({
  name: 'rules',
  usage: 'check FILE',
  maxOperands: 2,
  description:
    'Reads a rule file and the lists that it names, and says what is in them; or all that is wrong, with file, line and ' +
    'field, and exit code 2. Such a file is given to weir analyze, start and functions with --rules.',
  options: {},
  examples: [
    { line: 'weir rules check docs/examples/rules.yaml', meaning: 'What the example holds.' },
    { line: 'weir analyze --rules rules.yaml capture.pcap', meaning: 'A file with rules of your own.' },
  ],
  run: check,
});

async function check({ operands: [verb, path], io }: Call): Promise<number> {
  if (verb !== 'check' || path === undefined)
    throw new UsageError('weir rules needs check and a file: weir rules check rules.yaml.');
  const loaded = loadRuleFile(path, io.nowMs());
  io.stdout.write(`"${path}" can be used.\n\n${tableOf(loaded)}\n${memoryText(loaded)}`);
  return ExitCode.ok;
}

function tableOf({ rules: { thresholds, exceptions, lists }, leftOut }: LoadedRules): string {
  const rows = [
    ...thresholds.map(({ name, severity, when, windowS }) => [
      'threshold',
      name,
      severity ?? '',
      `${countOf(when.length, 'condition')} in ${windowS} s`,
    ]),
    ...exceptions.map(({ description, kinds }) => ['exception', description, '', kinds?.join(', ') ?? 'all kinds']),
    ...lists.map(({ name, severity, type, entries }, k) => [
      'list',
      name,
      severity ?? '',
      `${entries.length} × ${type}${leftOutText(leftOut[k]!)}`,
    ]),
  ];
  return rows.length === 0 ? 'It is empty.' : formatTable(COLUMNS, rows);
}

/** What an entry takes once it is ready to be looked up, as measured with 1.3 million addresses and domains. */
const BYTES_PER_ENTRY = 100;
const WORTH_TELLING_MB = 10;

/** The memory that lists take, where that is worth a thought. */
function memoryText({ rules: { lists } }: LoadedRules): string {
  const entries = lists.reduce((sum, list) => sum + list.entries.length, 0);
  const megabytes = Math.round((entries * BYTES_PER_ENTRY) / 1e6);
  if (megabytes < WORTH_TELLING_MB) return '';
  return `\nThe ${formatCount(entries)} entries take about ${megabytes} MB of memory in each process, twice that while they are read.\n`;
}

const COLUMNS = [{ title: 'what' }, { title: 'name', maxColumns: 48 }, { title: 'severity' }, { title: 'content' }];

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function leftOutText(count: number): string {
  return count > 0 ? `, ${countOf(count, 'indicator')} left out` : '';
}
