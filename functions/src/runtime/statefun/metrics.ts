import { STATEFUN_STATE } from '@weir/contracts';
import type { ModelGauge } from './score-watch.js';

/** Stages of a call: parse the request; decode the state; read the messages; apply them; encode the state; write the answer. */
export const CALL_STAGES = ['parse', 'decode', 'read', 'apply', 'encode', 'serialize'] as const;
export type CallStage = (typeof CALL_STAGES)[number];

/** How a request ended. Only `answered` moves Flink on; the others it repeats. */
export type CallResult = 'answered' | 'state-refused' | 'malformed' | 'too-large' | 'gone' | 'failed';

/** Why a message became a dead letter. */
export type DeadLetterCause = 'unreadable' | 'wrong-address' | 'failed' | 'state-unreadable';

/** Type, meaning, and names of the labels of each family. */
const FAMILIES = {
  weir_functions_calls_total: ['counter', 'Requests of Flink, by function and how they ended', ['function', 'result']],
  weir_functions_messages_total: ['counter', 'Messages taken in, by function and type', ['function', 'type']],
  weir_functions_dead_letters_total: ['counter', 'Messages put aside, by function and cause', ['function', 'cause']],
  weir_functions_exceptions_total: ['counter', 'Exceptions nobody expected, by function', ['function']],
  weir_functions_states_total: [
    'counter',
    'States needed, by function: new, held decoded, or decoded from bytes',
    ['function', 'source'],
  ],
  weir_functions_state_bytes: ['gauge', 'State written last, by function', ['function']],
  weir_functions_written_total: [
    'counter',
    'Times that a state was written, as a whole or as what was applied to it',
    ['function', 'form'],
  ],
  weir_functions_written_bytes_total: ['counter', 'Bytes of these', ['function', 'form']],
  weir_functions_seconds_total: ['counter', 'Time in each stage of a call, by function', ['function', 'stage']],
  weir_functions_received_bytes_total: ['counter', 'Bytes of requests', []],
  weir_functions_sent_bytes_total: ['counter', 'Bytes of answers', []],
  weir_functions_records_total: ['counter', 'Records handed to Flink for Kafka, by topic', ['topic']],
  weir_functions_record_bytes_total: ['counter', 'Bytes of their values, by topic', ['topic']],
  weir_functions_model_rows: ['gauge', 'Rows that a model has judged since time began', ['model']],
  weir_functions_model_alarms: ['gauge', 'Alarms that a model has raised: a source in ten minutes', ['model']],
  weir_functions_model_told_by_rules: ['gauge', 'Rows over the threshold of which a detector has spoken', ['model']],
  weir_functions_model_learning: ['gauge', '1 while a model learns this network, else 0', ['model']],
  weir_functions_model_threshold_decades: ['gauge', 'Alarm from one benign row in 10 to this power on', ['model']],
  weir_functions_model_drift_psi: [
    'gauge',
    'How far the features that moved most have moved from what was learned; from 0.25 much',
    ['model', 'feature'],
  ],
  weir_functions_model_shadow_alarms: ['gauge', 'Alarms of models in use and of those in the shadow', ['who']],
  process_resident_memory_bytes: ['gauge', 'Memory of the process', []],
  process_cpu_seconds_total: ['counter', 'Processor time of the process', []],
  process_start_time_seconds: ['gauge', 'When the process began, Unix epoch', []],
} as const;
type Family = keyof typeof FAMILIES;

/** Counts of the adapter, read as Prometheus text (exposition format 0.0.4). Labels never hold addresses or ids. */
export class Metrics {
  /** By family, then by the values of its labels. */
  private readonly values = new Map<Family, Map<string, number>>();

  callEnded(fn: string, result: CallResult): void {
    this.add('weir_functions_calls_total', [fn, result], 1);
  }

  messageTaken(fn: string, type: string): void {
    this.add('weir_functions_messages_total', [fn, type], 1);
  }

  messagePutAside(fn: string, cause: DeadLetterCause): void {
    this.add('weir_functions_dead_letters_total', [fn, cause], 1);
  }

  exceptionCaught(fn: string): void {
    this.add('weir_functions_exceptions_total', [fn], 1);
  }

  stateFound(fn: string, source: 'new' | 'held' | 'decoded'): void {
    this.add('weir_functions_states_total', [fn, source], 1);
  }

  /** `name`: the value that was written. */
  stateWritten(fn: string, name: string, lengthBytes: number): void {
    const isWhole = name === STATEFUN_STATE;
    if (isWhole) this.set('weir_functions_state_bytes', [fn], lengthBytes);
    this.add('weir_functions_written_total', [fn, isWhole ? 'whole' : 'journal'], 1);
    this.add('weir_functions_written_bytes_total', [fn, isWhole ? 'whole' : 'journal'], lengthBytes);
  }

  timeSpent(fn: string, stage: CallStage, elapsedMs: number): void {
    this.add('weir_functions_seconds_total', [fn, stage], elapsedMs / 1000);
  }

  bytesExchanged(receivedBytes: number, sentBytes: number): void {
    this.add('weir_functions_received_bytes_total', [], receivedBytes);
    this.add('weir_functions_sent_bytes_total', [], sentBytes);
  }

  recordSent(topic: string, lengthBytes: number): void {
    this.add('weir_functions_records_total', [topic], 1);
    this.add('weir_functions_record_bytes_total', [topic], lengthBytes);
  }

  /** What models do now; of what is not told any more nothing is left. */
  modelsTold(gauges: readonly ModelGauge[]): void {
    for (const family of this.values.keys()) if (family.startsWith('weir_functions_model_')) this.values.delete(family);
    for (const { family, labels, value } of gauges) this.set(`weir_functions_model_${family}`, labels, value);
  }

  /** The page of `/metrics`. */
  text(): string {
    this.readProcess();
    let text = '';
    for (const [family, [type, help, names]] of Object.entries(FAMILIES)) {
      text += `# HELP ${family} ${help}\n# TYPE ${family} ${type}\n`;
      for (const [key, value] of this.values.get(family as Family) ?? [])
        text += `${family}${labelText(names, key)} ${value}\n`;
    }
    return text;
  }

  private readProcess(): void {
    const { user, system } = process.cpuUsage();
    this.set('process_resident_memory_bytes', [], process.memoryUsage.rss());
    this.set('process_cpu_seconds_total', [], (user + system) / 1e6);
    this.set('process_start_time_seconds', [], performance.timeOrigin / 1000);
  }

  private add(family: Family, labels: readonly string[], by: number): void {
    const series = this.seriesOf(family);
    const key = labels.join(SEPARATOR);
    series.set(key, (series.get(key) ?? 0) + by);
  }

  private set(family: Family, labels: readonly string[], value: number): void {
    this.seriesOf(family).set(labels.join(SEPARATOR), value);
  }

  private seriesOf(family: Family): Map<string, number> {
    const series = this.values.get(family) ?? new Map<string, number>();
    this.values.set(family, series);
    return series;
  }
}

/** Between the values of labels in a key. */
const SEPARATOR = '\n';

/** `{a="x",b="y"}`, or nothing without labels. */
function labelText(names: readonly string[], key: string): string {
  if (names.length === 0) return '';
  const values = key.split(SEPARATOR);
  return `{${names.map((name, at) => `${name}="${values[at]!.replace(/[\\"]/g, '\\$&')}"`).join(',')}}`;
}
