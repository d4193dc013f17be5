import type { Evidence, Incident } from '@weir/contracts';
import { formatDuration, formatMeasure, formatTime } from './numbers.js';
import { type Paint, SEVERITY_COLOURS } from './paint.js';
import { formatTable } from './table.js';
import { wrapText } from './wrap.js';

/** How text for a person is laid out. */
export interface Layout {
  readonly columns: number;
  readonly paint: Paint;
}

const SEVERITY_COLUMNS = 9;
const INDENT = 2;
const EVIDENCE_NUMBER_COLUMNS = 48;
const NARROWEST_MEASURE = 24;

/** Everything an operator needs about one incident: who, what, how sure, why, and what to do. Ends with a line break. */
export function incidentText(incident: Incident, layout: Layout): string {
  const { paint, columns } = layout;
  const body = (text: string) => wrapText(text, { columns, indent: INDENT });
  const parts = [
    headline(incident, layout),
    `${' '.repeat(INDENT)}${paint(whoToWhom(incident), 'bold')}`,
    body(incident.summary),
    evidenceTable(incident.evidence, layout),
    labelled('Normal if', [incident.counterfactual], layout),
    labelled('ATT&CK', [incident.techniques.map(({ id, name }) => `${id} ${name}`).join(', ')], layout),
    labelled('Do next', numbered(incident.advice), layout),
    blindnessNote(incident, layout),
  ];
  return `${parts.filter(Boolean).join('\n')}\n`;
}

/** One line: severity, capture time, kind and title. */
export function headline(incident: Incident, { paint, columns }: Layout): string {
  const { severity, kind, title, startMs } = incident;
  const badge = paint(severity.toUpperCase().padEnd(SEVERITY_COLUMNS - 1), ...SEVERITY_COLOURS[severity]);
  const rest = `${formatTime(startMs)}  ${kind}: ${title}`;
  const wrapped = wrapText(rest, { columns, indent: SEVERITY_COLUMNS });
  return `${badge} ${wrapped.trimStart()}`;
}

/** Accused and aimed at, two of each by name; a dash for what is about no host, such as a full table. */
export function whoToWhom({ sources, targets }: Pick<Incident, 'sources' | 'targets'>): string {
  if (sources.length + targets.length === 0) return '—';
  return `${someOf(sources, 'spoofed sources')} → ${someOf(targets, 'many')}`;
}

const SHOWN_ADDRESSES = 2;

function someOf(addresses: readonly string[], whenEmpty: string): string {
  if (addresses.length === 0) return whenEmpty;
  const shown = addresses.slice(0, SHOWN_ADDRESSES).join(', ');
  const more = addresses.length - SHOWN_ADDRESSES;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function evidenceTable(evidence: readonly Evidence[], { columns, paint }: Layout): string {
  if (evidence.length === 0) return '';
  const optional = (value: number | undefined) => (value === undefined ? '' : formatMeasure(value));
  return formatTable(
    [
      { title: 'evidence', wrapColumns: Math.max(NARROWEST_MEASURE, columns - EVIDENCE_NUMBER_COLUMNS) },
      { title: 'measured', align: 'right' },
      { title: 'normal', align: 'right' },
      { title: 'threshold', align: 'right' },
      { title: 'unit' },
    ],
    evidence.map((e) => [
      e.measure,
      formatMeasure(e.value),
      optional(e.normal),
      optional(e.threshold),
      e.unit === '1' ? '' : e.unit,
    ]),
    { indent: INDENT, style: (cell, row) => (row < 0 ? paint(cell, 'dim') : cell) },
  );
}

const LABEL_COLUMNS = 11;

function labelled(label: string, lines: readonly string[], { columns, paint }: Layout): string {
  const shown = lines.filter(Boolean);
  return shown
    .map((line, i) => {
      const head = (i === 0 ? `${label}:` : '').padEnd(LABEL_COLUMNS);
      const bullet = /^\d+\. /.exec(line)?.[0] ?? '';
      const indent = INDENT + LABEL_COLUMNS + bullet.length;
      const wrapped = bullet + wrapText(line.slice(bullet.length), { columns, indent }).trimStart();
      return ' '.repeat(INDENT) + paint(head, 'dim') + wrapped;
    })
    .join('\n');
}

function numbered(lines: readonly string[]): string[] {
  return lines.length === 1 ? [...lines] : lines.map((line, i) => `${i + 1}. ${line}`);
}

function blindnessNote({ blindness }: Incident, layout: Layout): string {
  const { packetsDropped, flowsEvicted, degraded } = blindness;
  if (packetsDropped === 0 && flowsEvicted === 0 && !degraded) return '';
  const facts = [
    packetsDropped > 0 ? `${formatMeasure(packetsDropped)} packets were dropped before Weir saw them` : '',
    flowsEvicted > 0 ? `${formatMeasure(flowsEvicted)} flows gave way in a full table` : '',
    degraded ? 'what is said of single flows may be incomplete' : '',
  ];
  return labelled('Blind to', [`${facts.filter(Boolean).join('; ')}.`], layout);
}

const NARROWEST_WHO = 30;
/** What stands left of who did it to whom, at its longest: with durations, and without. */
const BEFORE_WHO = { wide: 78, narrow: 52 };

/** The closing table: by start, a line an incident where there is room. A narrow one leaves the durations out. */
export function incidentTable(incidents: readonly Incident[], { columns, paint }: Layout): string {
  const isWide = columns >= BEFORE_WHO.wide + NARROWEST_WHO / 2;
  const durations = isWide ? (['lasted', 'found after'] as const) : [];
  const whoColumns = columns - (isWide ? BEFORE_WHO.wide : BEFORE_WHO.narrow);
  return formatTable(
    [
      { title: 'severity' },
      { title: 'start (UTC)' },
      ...durations.map((title) => ({ title, align: 'right' as const })),
      { title: 'kind' },
      { title: 'who → whom', wrapColumns: Math.max(NARROWEST_WHO, whoColumns) },
    ],
    incidents.map((incident) => [
      incident.severity,
      formatTime(incident.startMs),
      ...(isWide ? durationsOf(incident) : []),
      incident.kind,
      whoToWhom(incident),
    ]),
    {
      style: (cell, row, column) => {
        if (row < 0) return paint(cell, 'dim');
        return column === 0 ? paint(cell, ...SEVERITY_COLOURS[incidents[row]!.severity]) : cell;
      },
    },
  );
}

function durationsOf({ startMs, endMs, detectedAtMs }: Incident): string[] {
  return [formatDuration(endMs - startMs), formatDuration(Math.max(0, detectedAtMs - startMs))];
}
