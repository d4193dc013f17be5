import { Value } from '@sinclair/typebox/value';
import { Condition, MEASURE_NAMES } from '@weir/functions';
import { didYouMean } from '../options/suggest.js';
import type { RuleFaults } from './faults.js';
import { blockOf, domainOf, FORM_OF } from './indicator-values.js';
import type { FieldPath, RuleDocument } from './rule-document.js';
import { nameOf, shown } from './rule-form.js';

/** Tells what is wrong with a field. */
export type TellFault = (field: FieldPath, text: string) => void;

/** A way to tell faults of fields with their lines. */
export function fieldFaults(document: RuleDocument, faults: RuleFaults): TellFault {
  return (field, text) =>
    faults.add({ path: document.path, line: document.lineOf(field) }, `${nameOf(field)} ${text}`.trimEnd());
}

/** A part of a section as it was written, whatever it is, and where it stands. */
interface Written {
  readonly part: Readonly<Record<string, unknown>>;
  readonly at: FieldPath;
}

/** Adds a fault for all that has the right form and still cannot be meant. What has the wrong form is passed over. */
export function checkMeaning(document: RuleDocument, faults: RuleFaults): void {
  const tell = fieldFaults(document, faults);
  const [thresholds, exceptions, lists] = ['thresholds', 'exceptions', 'lists'].map((name) =>
    partsOf(document, name),
  ) as [Written[], Written[], Written[]];
  refuseTwins(thresholds, tell);
  refuseTwins(lists, tell);
  for (const one of thresholds) checkThreshold(one, tell);
  for (const one of exceptions) checkException(one, tell);
  for (const one of lists) checkSource(one, tell);
}

function partsOf({ value }: RuleDocument, section: string): Written[] {
  return textsOrParts((value as Record<string, unknown>)[section])
    .map((part, k) => ({ part: part as Written['part'], at: [section, k] }))
    .filter(({ part }) => typeof part === 'object' && part !== null);
}

function textsOrParts(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function refuseTwins(parts: readonly Written[], tell: TellFault): void {
  const names = new Set<unknown>();
  for (const { part, at } of parts) {
    if (part.name !== undefined && names.has(part.name))
      tell([...at, 'name'], `is ${shown(part.name)}, as that of one before. Choose another.`);
    names.add(part.name);
  }
}

function checkThreshold({ part, at }: Written, tell: TellFault): void {
  for (const [k, condition] of textsOrParts(part.when).entries())
    if (Value.Check(Condition, condition)) checkCondition(condition, [...at, 'when', k], tell);
  checkValues(part.hosts, [...at, 'hosts'], { type: 'address', tell });
}

function checkCondition({ measure, above, below }: Condition, at: FieldPath, tell: TellFault): void {
  if (!MEASURE_NAMES.includes(measure))
    tell([...at, 'measure'], `is "${measure}". There is no such measure. ${didYouMean(measure, MEASURE_NAMES)}`);
  if (above === undefined && below === undefined) tell(at, 'has no bound. Say above or below, or both.');
  if (above !== undefined && below !== undefined && above >= below)
    tell([...at, 'above'], `is ${above}, and below is ${below}: nothing is both. Make above the smaller.`);
}

function checkException({ part, at }: Written, tell: TellFault): void {
  if (['kinds', 'sources', 'targets', 'domains'].every((name) => part[name] === undefined))
    tell(at, 'would hide everything. Say for which kinds, sources, targets or domains it is.');
  checkValues(part.sources, [...at, 'sources'], { type: 'address', tell });
  checkValues(part.targets, [...at, 'targets'], { type: 'address', tell });
  checkValues(part.domains, [...at, 'domains'], { type: 'domain', tell });
}

function checkValues(
  texts: unknown,
  at: FieldPath,
  { type, tell }: { type: 'address' | 'domain'; tell: TellFault },
): void {
  const read = type === 'address' ? blockOf : domainOf;
  for (const [k, text] of textsOrParts(texts).entries())
    if (typeof text === 'string' && read(text) === undefined)
      tell([...at, k], `is ${shown(text)}. That is not ${FORM_OF[type]}.`);
}

function checkSource({ part: { entries, file, column }, at }: Written, tell: TellFault): void {
  if ((entries === undefined) === (file === undefined)) tell(at, 'needs either entries or a file.');
  if (column !== undefined && !/\.csv$/i.test(String(file)))
    tell([...at, 'column'], 'is only for a file that ends in .csv. Leave it out.');
}
