import { formatTable } from '../report/table.js';
import type { Comparison, Difference, Subject } from './compare.js';
import { REASONS } from './explain.js';

/** One compared file. */
export interface FileComparison {
  readonly name: string;
  readonly comparison: Comparison;
}

const SUBJECTS = [
  { subject: 'conversation', title: 'conversations' },
  { subject: 'name', title: 'DNS names' },
  { subject: 'community-id', title: 'Community IDs' },
] as const;
/** Differences shown of one kind and file, and packet numbers of one difference. */
const SHOWN_DIFFERENCES = 10;
const SHOWN_PACKETS = 5;

/** Whether nothing known explains a difference. */
export function isUnexplained({ reasons }: Difference): boolean {
  return reasons.length === 0;
}

/** One line a file: what agrees, and of what differs how much is explained. */
export function comparisonTable(files: readonly FileComparison[]): string {
  const columns = [
    { title: 'capture' },
    { title: 'packets', align: 'right' as const },
    ...SUBJECTS.map(({ title }) => ({ title, align: 'right' as const })),
    { title: 'unexplained', align: 'right' as const },
  ];
  return formatTable(columns, files.map(tableRow));
}

function tableRow({ name, comparison }: FileComparison): string[] {
  const { packets, agreed, differences } = comparison;
  const cells = SUBJECTS.map(({ subject }) => agreementText(agreed[subject], count(differences, subject)));
  return [name, String(packets), ...cells, String(differences.filter(isUnexplained).length)];
}

function agreementText(agreed: number, differing: number): string {
  return differing === 0 ? `${agreed}` : `${agreed} (+${differing} differ)`;
}

function count(differences: readonly Difference[], subject: Subject): number {
  return differences.filter((difference) => difference.subject === subject).length;
}

/** The differences of one file with their reasons, the unexplained first; empty without any. `limit` of each kind. */
export function differenceList({ comparison }: FileComparison, limit: number = SHOWN_DIFFERENCES): string[] {
  return [...groupByReason(comparison.differences)].flatMap(([title, differences]) => {
    const left = differences.length - limit;
    return [
      `  ${title}`,
      ...differences.slice(0, limit).map(differenceText),
      ...(left > 0 ? [`    … ${left} more`] : []),
    ];
  });
}

function groupByReason(differences: readonly Difference[]): Map<string, Difference[]> {
  const groups = new Map<string, Difference[]>();
  const sorted = [...differences].sort((a, b) => Number(isUnexplained(b)) - Number(isUnexplained(a)));
  for (const difference of sorted) {
    const why = difference.reasons.join(', ') || 'UNEXPLAINED';
    const title = `${difference.subject}, ${why}`;
    groups.set(title, [...(groups.get(title) ?? []), difference]);
  }
  return groups;
}

function differenceText({ detail, packets }: Difference): string {
  const shown = packets.slice(0, SHOWN_PACKETS).join(', ');
  const more = packets.length > SHOWN_PACKETS ? ` and ${packets.length - SHOWN_PACKETS} more` : '';
  return `    ${detail}${shown === '' ? '' : `  (packet ${shown}${more})`}`;
}

/** What each reason among the differences means. */
export function reasonList(files: readonly FileComparison[]): string[] {
  const used = new Set(files.flatMap(({ comparison }) => comparison.differences.flatMap(({ reasons }) => reasons)));
  return [...used].map((reason) => `  ${reason}: ${REASONS[reason]}`);
}
