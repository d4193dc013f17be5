import type { Incident } from '@weir/contracts';
import { csvLine } from './csv.js';

const time = (ms: number) => new Date(ms).toISOString();

type Cell = string | number | boolean | undefined;

/** Columns of the incidents' CSV; lists are joined by a space, or `; ` where items hold spaces. */
const COLUMNS: readonly { name: string; cell: (incident: Incident) => Cell }[] = [
  { name: 'id', cell: (i) => i.id },
  { name: 'kind', cell: (i) => i.kind },
  { name: 'severity', cell: (i) => i.severity },
  { name: 'state', cell: (i) => i.state },
  { name: 'confidence', cell: (i) => i.confidence },
  { name: 'score', cell: (i) => i.score },
  { name: 'start', cell: (i) => time(i.startMs) },
  { name: 'end', cell: (i) => time(i.endMs) },
  { name: 'detectedAt', cell: (i) => time(i.detectedAtMs) },
  { name: 'sources', cell: (i) => i.sources.join(' ') },
  { name: 'targets', cell: (i) => i.targets.join(' ') },
  { name: 'domain', cell: (i) => i.domain },
  { name: 'title', cell: (i) => i.title },
  { name: 'summary', cell: (i) => i.summary },
  { name: 'evidence', cell: (i) => i.evidence.map(evidenceText).join('; ') },
  { name: 'counterfactual', cell: (i) => i.counterfactual },
  { name: 'techniques', cell: (i) => i.techniques.map(({ id }) => id).join(' ') },
  { name: 'advice', cell: (i) => i.advice.join('; ') },
  { name: 'alerts', cell: (i) => i.alerts },
  { name: 'sensors', cell: (i) => i.sensors.join(' ') },
  { name: 'packetsDropped', cell: (i) => i.blindness.packetsDropped },
  { name: 'packetsLate', cell: (i) => i.blindness.packetsLate },
  { name: 'flowsEvicted', cell: (i) => i.blindness.flowsEvicted },
  { name: 'degraded', cell: (i) => i.blindness.degraded },
];

function evidenceText({ measure, value, unit, threshold }: Incident['evidence'][number]): string {
  const limit = threshold === undefined ? '' : ` (threshold ${threshold})`;
  return `${measure} = ${value}${unit === '1' ? '' : ` ${unit}`}${limit}`;
}

/** First line of the incidents' CSV. */
export function incidentCsvHeader(): string {
  return csvLine(COLUMNS.map(({ name }) => name));
}

/** One incident as a CSV line. */
export function incidentCsvLine(incident: Incident): string {
  return csvLine(COLUMNS.map(({ cell }) => cell(incident)));
}
