import { parseArgs } from 'node:util';
import { UsageError } from '../errors.js';
import type {
  NumberDeclaration,
  OptionDeclaration,
  OptionTable,
  OptionValues,
  TextDeclaration,
} from './declaration.js';
import { didYouMean } from './suggest.js';

/** A command line as a command reads it. */
export interface ParsedLine<T extends OptionTable> {
  readonly options: OptionValues<T>;
  readonly operands: readonly string[];
}

/** Reads a command's arguments. Throws a UsageError that names the argument and the remedy. */
export function parseLine<T extends OptionTable>(table: T, args: readonly string[]): ParsedLine<T> {
  const { tokens } = parseArgs({
    args: [...args],
    options: parserOptions(table),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const values: Record<string, unknown> = defaults(table);
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    else if (token.kind === 'option') readOption(table, token, values);
  }
  return { options: values as OptionValues<T>, operands };
}

function parserOptions(table: OptionTable): Record<string, { type: 'boolean' | 'string' }> {
  return Object.fromEntries(
    Object.entries(table).map(([name, { type }]) => [name, { type: type === 'flag' ? 'boolean' : 'string' }]),
  );
}

function defaults(table: OptionTable): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(table).map(([name, option]) => [
      name,
      option.default ?? (option.type === 'flag' ? false : undefined),
    ]),
  );
}

interface OptionToken {
  name: string;
  rawName: string;
  value?: string | undefined;
}

function readOption(table: OptionTable, token: OptionToken, values: Record<string, unknown>): void {
  const positive = token.name.startsWith('no-') ? token.name.slice(3) : undefined;
  if (positive && table[positive]?.type === 'flag' && !table[token.name]) {
    values[positive] = false;
    return;
  }
  const declaration = Object.hasOwn(table, token.name) ? table[token.name] : undefined;
  if (!declaration) throw unknownOption(table, token.rawName);
  values[token.name] = readValue(declaration, token);
}

function unknownOption(table: OptionTable, rawName: string): UsageError {
  const known = Object.keys(table).map((name) => `--${name}`);
  const all = known.length > 0 ? `Known: ${known.join(', ')}.` : 'There is none here.';
  return new UsageError(`unknown option ${rawName}. ${didYouMean(rawName, known) || all}`);
}

function readValue(declaration: OptionDeclaration, { rawName, value }: OptionToken): unknown {
  if (declaration.type === 'flag') {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value, got "${value}". Write just ${rawName}.`);
    return true;
  }
  if (value === undefined || (value.startsWith('--') && value.length > 2)) {
    throw new UsageError(`${rawName} needs a value. Write ${rawName} ${declaration.value}.`);
  }
  return declaration.type === 'text' ? readText(declaration, rawName, value) : readNumber(declaration, rawName, value);
}

function readText({ choices }: TextDeclaration, name: string, value: string): string {
  if (!choices || choices.includes(value)) return value;
  const hint = didYouMean(value, choices);
  throw new UsageError(`${name} cannot be "${value}". ${hint ? `${hint} ` : ''}Choose from: ${choices.join(', ')}.`);
}

function readNumber(declaration: NumberDeclaration, name: string, value: string): number {
  const number = value.trim() === '' ? Number.NaN : Number(value.replaceAll('_', ''));
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = declaration;
  const isWrongKind = declaration.type === 'integer' ? !Number.isSafeInteger(number) : !Number.isFinite(number);
  if (isWrongKind || number < minimum || number > maximum) {
    throw new UsageError(`${name} cannot be "${value}". Give ${describeRange(declaration)}.`);
  }
  return number;
}

/** What numbers an option takes, such as `a whole number from 1 to 65535 (bytes)`. */
function describeRange({ type, minimum, maximum, unit }: NumberDeclaration): string {
  const kind = type === 'integer' ? 'a whole number' : 'a number';
  const from = minimum === undefined ? '' : ` from ${minimum}`;
  const to = maximum === undefined ? '' : ` to ${maximum}`;
  return `${kind}${from}${to}${unit ? ` (${unit})` : ''}`;
}
