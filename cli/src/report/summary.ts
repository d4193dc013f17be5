import { type Incident, SEVERITIES, type SensorCounters } from '@weir/contracts';
import { incidentTable, type Layout } from './incident-text.js';
import { formatCount, formatDuration, formatShort } from './numbers.js';
import { wrapText } from './wrap.js';

/** What a run came to. */
export interface RunFacts {
  readonly source: string;
  readonly sensor: string;
  /** What was read: packets, or rows of a flow table. Default: packets. */
  readonly unit?: 'packets' | 'rows' | undefined;
  readonly packets: number;
  readonly elapsedMs: number;
  readonly counters: SensorCounters;
  readonly warnings: readonly string[];
  /** In final state, by start. */
  readonly incidents: readonly Incident[];
  /** Incidents that were found and printed, but are no longer kept for the table. */
  readonly forgotten: number;
}

/** The closing lines: incidents in a table, how much was read how fast, and how blind the sensor was. */
export function summaryText(facts: RunFacts, layout: Layout): string {
  const { columns, paint } = layout;
  const lines = [paint(countLine(facts), 'bold')];
  if (facts.incidents.length > 0) lines.push('', incidentTable(facts.incidents, layout));
  if (facts.forgotten > 0) lines.push(`… and ${formatCount(facts.forgotten)} earlier ones, printed above.`);
  lines.push('', rateLine(facts), wrapText(blindnessLine(facts), { columns }));
  for (const warning of facts.warnings) lines.push(wrapText(`Warning: ${warning}`, { columns }));
  return `${lines.join('\n')}\n`;
}

function countLine({ incidents, forgotten, source }: RunFacts): string {
  const total = incidents.length + forgotten;
  if (total === 0) return `No incidents in ${source}.`;
  const bySeverity = SEVERITIES.toReversed()
    .map((severity) => ({ severity, count: incidents.filter((i) => i.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}`);
  return `${total} ${total === 1 ? 'incident' : 'incidents'} in ${source}: ${bySeverity.join(', ')}`;
}

/** `439,616 packets in 0.4 s (1.1 M/s)`. */
export function rateLine({
  packets,
  elapsedMs,
  unit = 'packets',
}: Pick<RunFacts, 'packets' | 'elapsedMs' | 'unit'>): string {
  const perSecond = packets / Math.max(elapsedMs / 1000, 0.001);
  return `${formatCount(packets)} ${unit} in ${formatDuration(elapsedMs)} (${formatShort(perSecond)}/s)`;
}

/** What the sensor did not see or could not read. */
export function blindnessLine({ sensor, counters, unit }: Pick<RunFacts, 'sensor' | 'counters' | 'unit'>): string {
  if (unit === 'rows')
    return `Sensor ${sensor}: ${formatCount(counters.packetsLate)} rows late, ${formatCount(counters.packetsUndecoded)} skipped.`;
  const dropped = counters.packetsDroppedByKernel + counters.packetsDroppedByInterface;
  const facts = [
    `${formatCount(dropped)} packets dropped before Weir saw them`,
    `${formatCount(counters.packetsLate)} late`,
    `${formatCount(counters.packetsUndecoded)} not decoded up to a transport layer`,
  ];
  return `Sensor ${sensor}: ${facts.join(', ')}.`;
}
