import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { type ValueError, ValueErrorType } from '@sinclair/typebox/errors';
import { Value } from '@sinclair/typebox/value';
import { WINDOW_LENGTHS_S } from '@weir/contracts';
import { IndicatorList, RuleException, ThresholdRule } from '@weir/functions';
import { didYouMean } from '../options/suggest.js';
import type { RuleFaults } from './faults.js';
import type { FieldPath, RuleDocument } from './rule-document.js';

/** A rule file as people write it; docs/rules.md explains it. Its parts are those of `Rules`, but for windows and lists. */

const strict = { additionalProperties: false } as const;
const { windowS: _, ...thresholdFields } = ThresholdRule.properties;
const { entries, ...listFields } = IndicatorList.properties;

/** A length of time as it is written in a rule file. */
export type WrittenWindow = `${(typeof WINDOW_LENGTHS_S)[number]}s`;
const WrittenWindow = Type.Unsafe<WrittenWindow>(
  Type.Union(WINDOW_LENGTHS_S.map((seconds) => Type.Literal(`${seconds}s`))),
);

export const WrittenThreshold = Type.Object({ ...thresholdFields, window: WrittenWindow }, strict);
export type WrittenThreshold = Static<typeof WrittenThreshold>;

export const WrittenException = RuleException;

/** Either `entries`, or a `file` (and the `column` of it that holds them, when it is CSV). */
export const WrittenList = Type.Object(
  {
    ...listFields,
    entries: Type.Optional(entries),
    file: Type.Optional(Type.String({ minLength: 1 })),
    column: Type.Optional(Type.String({ minLength: 1 })),
  },
  strict,
);
export type WrittenList = Static<typeof WrittenList>;

/** A whole rule file. */
export const WrittenRules = Type.Object(
  {
    thresholds: Type.Optional(Type.Array(WrittenThreshold, { maxItems: 256 })),
    exceptions: Type.Optional(Type.Array(WrittenException, { maxItems: 1024 })),
    lists: Type.Optional(Type.Array(WrittenList, { maxItems: 64 })),
  },
  strict,
);

/** Adds a fault, with its line, for each field that is unknown, missing or of the wrong form. */
export function checkForm(document: RuleDocument, faults: RuleFaults): void {
  const seen = new Set<string>();
  for (const error of Value.Errors(WrittenRules, document.value)) {
    // A field that is missing is told once, not again for having no type.
    if (seen.has(error.path)) continue;
    seen.add(error.path);
    const field = fieldOf(error.path);
    faults.add({ path: document.path, line: document.lineOf(field) }, sentence(error, field));
  }
}

/** `thresholds[0].when[1].measure` of a path. */
export function nameOf(field: FieldPath): string {
  const text = field.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return text.replace(/^\./, '') || 'the file';
}

/** The parts of a JSON pointer (RFC 6901). */
function fieldOf(pointer: string): FieldPath {
  const parts = pointer.split('/').slice(1);
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll('~1', '/').replaceAll('~0', '~')));
}

function sentence({ type, schema, message, value }: ValueError, field: FieldPath): string {
  const name = nameOf(field);
  if (type === ValueErrorType.ObjectAdditionalProperties) return unknownField(field);
  if (type === ValueErrorType.ObjectRequiredProperty) return `${name} is missing. ${meaningOf(schema)}`.trim();
  return `${name} is ${shown(value)}. ${choicesOf(schema, value) ?? (meaningOf(schema) || `${message}.`)}`;
}

function unknownField(field: FieldPath): string {
  const known = Object.keys(schemaAt(field.slice(0, -1))?.properties ?? {});
  const hint = didYouMean(String(field.at(-1)), known) || `There are: ${known.join(', ')}.`;
  return `there is no field ${nameOf(field)}. ${hint}`;
}

/** The schema of what stands at `field`. */
function schemaAt(field: FieldPath): TSchema | undefined {
  let schema: TSchema | undefined = WrittenRules;
  for (const part of field) schema = typeof part === 'number' ? schema?.items : schema?.properties?.[part];
  return schema;
}

/** More are only told when none of them is near. */
const MOST_CHOICES_TOLD = 8;

function choicesOf(schema: TSchema, value: unknown): string | undefined {
  const choices = (schema.anyOf as TSchema[] | undefined)?.map((one) => String(one.const));
  if (!choices) return undefined;
  const near = typeof value === 'string' ? didYouMean(value, choices) : '';
  const all = near && choices.length > MOST_CHOICES_TOLD ? '' : `One of: ${choices.join(', ')}.`;
  return [near, all].filter(Boolean).join(' ');
}

/** What the schema says of itself, with what it wants where that is not plain. */
function meaningOf({ description, type, anyOf }: TSchema): string {
  if (anyOf) return choicesOf({ anyOf } as unknown as TSchema, undefined)!;
  // What is said of a text says its form.
  const form = type === 'string' && description ? '' : FORMS[type as string];
  return [form && `Expected: ${form}.`, description && `${description}.`].filter(Boolean).join(' ');
}

const FORMS: Readonly<Record<string, string>> = {
  array: 'a list with something in it',
  object: 'fields with their values',
  number: 'a number, 0 or more',
  string: 'text',
};

/** A value in a message: whole when it is short. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (value === null) return 'empty';
  if (typeof value === 'object') return 'a group of fields';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
