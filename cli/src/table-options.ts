import { type FlowTableSource, isFlowTable, openFlowTable } from '@weir/capture-agent';
import { UsageError } from './errors.js';
import type { Io } from './io.js';
import type { OptionTable, OptionValues } from './options/declaration.js';
import type { FlowTableRun } from './pipeline-flow-table.js';
import { replayClock } from './replay-clock.js';
import { checkSensor, type SourceValues } from './source-options.js';
import { untilOpen } from './until-open.js';

/** Options of every command that reads flow tables. */
export const TABLE_OPTIONS = {
  delay: {
    type: 'number', value: 'SECONDS', unit: 's', default: 0, minimum: 0, maximum: 3600,
    description: 'Flow table: pause after each batch of rows, such as 0.1 with --batch 100',
  },
  mapping: { type: 'text', value: 'FILE', description: 'Flow table: JSON that says which column is which (docs/flow-tables.md)' },
  'skip-bad-rows': { type: 'flag', description: 'Flow table: count rows that cannot be read, and go on' },
} as const satisfies OptionTable; // biome-ignore format: one option a line or two

type TableValues = OptionValues<typeof TABLE_OPTIONS> & SourceValues;

interface TableCall {
  readonly options: TableValues;
  readonly operands: readonly string[];
  readonly io: Io;
}

/** Event time between the rows of a table without times and without a pace: a thousand rows a second. */
const DEFAULT_ROW_GAP_US = 1000;

/**
 * The flow table that the operand names, open; undefined when it names something else. Rejects with a SourceError for a
 * table that cannot be read, and with a UsageError for options that do not go with one.
 */
export async function chooseFlowTable({ options, operands, io }: TableCall): Promise<FlowTableSource | undefined> {
  const path = operands[0];
  const isMeant = options.mapping !== undefined || options['skip-bad-rows'] || options.delay > 0;
  if (path === undefined || options.interface !== undefined) {
    if (!isMeant) return undefined;
    throw new UsageError('--delay, --mapping and --skip-bad-rows are for flow tables. Name one, or leave them out.');
  }
  if (!isMeant && !(await isFlowTable(path, { stop: io.stop }))) return undefined;
  if (options.speed !== undefined || options.filter !== undefined)
    throw new UsageError('--speed and --filter are for packets. Pace a flow table with --delay and --batch.');
  checkSensor(options.sensor);
  const rowGapUs = options.delay > 0 ? (options.delay * 1e6) / options.batch : DEFAULT_ROW_GAP_US;
  const table = openFlowTable(path, { mappingPath: options.mapping, skipBadRows: options['skip-bad-rows'], rowGapUs });
  return untilOpen(path, io.stop, table);
}

/** What `runFlowTable` needs of the options. */
export function tableRunOptions(
  { options, io }: Pick<TableCall, 'options' | 'io'>,
  table: FlowTableSource,
): Omit<FlowTableRun, 'partitions' | 'allowedLatenessMs'> {
  return {
    table,
    sensor: options.sensor,
    maxBatchRows: options.batch,
    delayMs: options.delay * 1000,
    sleepMs: (ms) => replayClock(io).sleepMs(ms),
    stop: io.stop,
  };
}
