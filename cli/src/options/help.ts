import type { Command } from '../command.js';
import { wrapText } from '../report/wrap.js';
import type { OptionDeclaration, OptionTable } from './declaration.js';

const NAME_COLUMNS = 28;

/** Headings of options whose description begins with one of these words and a colon. */
const HEADINGS: Readonly<Record<string, string>> = {
  Live: 'Live capture',
  File: 'Files',
  'Flow table': 'Flow tables',
  Models: 'Models',
  Dashboard: 'Dashboard',
  Kafka: 'Kafka',
  Cluster: 'Cluster',
  Log: 'Log',
};

/** The help page of one command, made from its declaration. */
export function commandHelp(command: Command, columns: number): string {
  const usage = ['weir', command.name, command.usage, '[options]'].filter(Boolean).join(' ');
  const parts = [`${usage}\n`, `${wrapText(command.description, { columns })}\n`];
  for (const [heading, lines] of optionGroups(command.options, columns))
    parts.push(`${heading}:`, `${lines.join('\n')}\n`);
  parts.push('Examples:', ...command.examples.map((example) => exampleLines(example, columns)));
  return `${parts.join('\n')}\n`;
}

function exampleLines({ line, meaning }: { line: string; meaning: string }, columns: number): string {
  return `  ${line}\n${wrapText(meaning, { columns, indent: 6 })}`;
}

/** Lines by heading: an option whose description begins with `Live:` is for live capture only, and stands under it. */
function optionGroups(table: OptionTable, columns: number): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [name, option] of Object.entries(table)) {
    const { heading, description } = headed(option.description);
    const line = describedLine(optionHead(name, option), optionText({ ...option, description }), columns);
    groups.set(heading, [...(groups.get(heading) ?? []), line]);
  }
  return groups;
}

function headed(text: string): { heading: string; description: string } {
  const [, word = '', rest = ''] = /^([A-Z][a-z ]+): (.*)$/s.exec(text) ?? [];
  const heading = HEADINGS[word];
  if (heading === undefined) return { heading: 'Options', description: text };
  return { heading, description: rest.charAt(0).toUpperCase() + rest.slice(1) };
}

function optionHead(name: string, option: OptionDeclaration): string {
  if (option.type === 'flag') return option.default ? `--no-${name}` : `--${name}`;
  return `--${name} ${option.value}`;
}

function optionText(option: OptionDeclaration): string {
  const notes: string[] = [];
  if (option.type === 'text' && option.choices) notes.push(option.choices.join(', '));
  if ((option.type === 'integer' || option.type === 'number') && option.unit) notes.push(option.unit);
  if (option.type !== 'flag' && option.default !== undefined) notes.push(`default ${option.default}`);
  return notes.length > 0 ? `${option.description} (${notes.join('; ')})` : option.description;
}

/** `head` in a column of its own, `text` wrapped beside it. */
export function describedLine(head: string, text: string, columns: number): string {
  const wrapped = wrapText(text, { columns, indent: NAME_COLUMNS });
  if (head.length + 4 > NAME_COLUMNS) return `  ${head}\n${wrapped}`;
  return `  ${head.padEnd(NAME_COLUMNS - 2)}${wrapped.trimStart()}`;
}
