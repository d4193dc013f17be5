import { formatDuration } from '../report/numbers.js';
import { formatTable, type TableColumn } from '../report/table.js';
import type { CaptureResult } from './captures.js';
import { isBenign, rightKinds } from './categories.js';
import type { ScenarioScore } from './score.js';

/** A table, for a terminal or for a document. */
export interface Table {
  readonly title: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly string[])[];
}

/** Why a capture was missed, or told of in vain, by its label. */
export type Reasons = Readonly<Record<string, string>>;

/** How many captures of each category were told rightly. */
export function categoryTable(results: readonly CaptureResult[]): Table {
  const categories = [...new Set(results.map(({ category }) => category))].sort();
  const [benign, attacks] = [categories.filter(isBenign), categories.filter((c) => !isBenign(c))];
  const row = (name: string, of: readonly CaptureResult[], wanted: string) => {
    const right = of.filter(({ isRight }) => isRight).length;
    return [name, String(of.length), String(right), percent(right, of.length), wanted];
  };
  const of = (names: readonly string[]) => results.filter(({ category }) => names.includes(category));
  return {
    title: 'By category',
    columns: ['Category', 'Captures', 'Right', 'Share', 'Right means'].map((title, k) => ({
      title,
      align: k > 0 && k < 4 ? 'right' : 'left',
    })),
    rows: [
      ...attacks.map((category) => row(category, of([category]), rightKinds(category).join(', '))),
      row('all attacks', of(attacks), 'an incident of a right kind'),
      ...benign.map((category) => row(category, of([category]), 'nothing above low')),
      row('all benign', of(benign), 'nothing above low'),
    ],
  };
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`;
}

/** Captures that were not told rightly, with what was told and why. */
export function missTable(results: readonly CaptureResult[], reasons: Reasons): Table {
  return {
    title: 'What was not right',
    columns: ['Category', 'Capture', 'Packets', 'Told', 'Why'].map((title) => ({ title })),
    rows: results
      .filter(({ isRight }) => !isRight)
      .map(({ category, label, packets, told }) => [
        category,
        label,
        String(packets),
        told.map(({ kind, severity }) => `${kind} (${severity})`).join(', ') || 'nothing',
        reasons[label] ?? '',
      ]),
  };
}

/** Benign captures of which something low was told: right, but worth a look. */
export function lowTable(results: readonly CaptureResult[]): Table {
  return {
    title: 'Benign captures with a low incident',
    columns: ['Capture', 'Told'].map((title) => ({ title })),
    rows: results
      .filter(({ category, told, isRight }) => isRight && isBenign(category) && told.length > 0)
      .map(({ label, told }) => [label, told.map(({ title }) => title).join('; ')]),
  };
}

/** The results of all captures after one change, by its name. */
export interface ChangedResults {
  readonly name: string;
  readonly results: readonly CaptureResult[];
}

/** How many captures are told rightly when they are changed, and which are not that were right as they are. */
export function changeTable(asTheyAre: readonly CaptureResult[], changed: readonly ChangedResults[]): Table {
  const nameOf = ({ category, label, file }: CaptureResult) => [category, label, file].join('\n');
  const wereRight = new Set(asTheyAre.filter(({ isRight }) => isRight).map(nameOf));
  const row = ({ name, results }: ChangedResults) => {
    const [benign, attacks] = [true, false].map((which) => results.filter((r) => isBenign(r.category) === which));
    const lost = results.filter((result) => !result.isRight && wereRight.has(nameOf(result))).map(({ label }) => label);
    return [name, share(attacks!), share(benign!), lost.join(', ')];
  };
  return {
    title: 'The captures changed',
    columns: [
      { title: 'Change' },
      { title: 'Attacks right', align: 'right' },
      { title: 'Benign right', align: 'right' },
      { title: 'No longer right' },
    ],
    rows: [{ name: 'none', results: asTheyAre }, ...changed].map(row),
  };
}

function share(results: readonly CaptureResult[]): string {
  return `${results.filter(({ isRight }) => isRight).length} of ${results.length}`;
}

/** Each attack of a scenario and how it was told. */
export function attackTable(score: ScenarioScore): Table {
  return {
    title: 'Attacks of the scenario',
    columns: ['Attack', 'Category', 'Detected', 'Typed', 'After', 'Kinds'].map((title) => ({ title })),
    rows: score.attacks.map(({ attack, incidents, isTyped, delayMs }) => [
      attack.label,
      attack.category,
      incidents.length > 0 ? 'yes' : 'no',
      isTyped ? 'yes' : 'no',
      delayMs === undefined ? '–' : formatDuration(delayMs),
      [...new Set(incidents.map(({ kind }) => kind))].sort().join(', '),
    ]),
  };
}

/** The figures of a scenario in one line. */
export function scenarioLine({ attacks, detected, typed, falseIncidents, medianDelayMs }: ScenarioScore): string {
  const delay =
    medianDelayMs === undefined ? 'nothing detected' : `median time to detect ${formatDuration(medianDelayMs)}`;
  return `${detected} of ${attacks.length} detected, ${typed} typed, ${falseIncidents.length} false incidents, ${delay}`;
}

/** False incidents of a scenario. */
export function falseTable({ falseIncidents }: ScenarioScore): Table {
  return {
    title: 'False incidents of the scenario',
    columns: ['Kind', 'Severity', 'Title'].map((title) => ({ title })),
    rows: falseIncidents.map(({ kind, severity, title }) => [kind, severity, title]),
  };
}

/** A table as text for a terminal. */
export function tableText({ title, columns, rows }: Table): string {
  return rows.length === 0 ? '' : `${title}\n${formatTable(columns, rows, { indent: 2 })}\n\n`;
}

/** A table as Markdown, two heading levels down. */
export function tableMarkdown({ title, columns, rows }: Table): string {
  if (rows.length === 0) return `## ${title}\nNone.\n\n`;
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const ruler = columns.map(({ align }) => (align === 'right' ? '---:' : '---'));
  return `## ${title}\n${[line(columns.map((c) => c.title)), line(ruler), ...rows.map(line)].join('\n')}\n\n`;
}
