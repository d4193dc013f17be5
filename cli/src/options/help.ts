import type { Command } from '../command.js';
import { wrapText } from '../report/wrap.js';
import type { OptionDeclaration, OptionTable } from './declaration.js';

const NAME_COLUMNS = 28;

/** The help page of one command, made from its declaration. */
export function commandHelp(command: Command, columns: number): string {
  const usage = ['weir', command.name, command.usage, '[options]'].filter(Boolean).join(' ');
  const parts = [`${usage}\n`, `${wrapText(command.description, { columns })}\n`];
  if (Object.keys(command.options).length > 0) parts.push('Options:', `${optionLines(command.options, columns)}\n`);
  parts.push('Examples:', ...command.examples.map((example) => exampleLines(example, columns)));
  return `${parts.join('\n')}\n`;
}

function exampleLines({ line, meaning }: { line: string; meaning: string }, columns: number): string {
  return `  ${line}\n${wrapText(meaning, { columns, indent: 6 })}`;
}

function optionLines(table: OptionTable, columns: number): string {
  return Object.entries(table)
    .map(([name, option]) => describedLine(optionHead(name, option), optionText(option), columns))
    .join('\n');
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
