import { dirname, relative, resolve } from 'node:path';
import type { Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { RuleException, Rules, ThresholdRule } from '@weir/functions';
import { RuleFaults } from './faults.js';
import { checkedEntries, type ListContent, MOST_ENTRIES_ALTOGETHER, readListFile } from './indicator-files.js';
import { blockOf, domainOf } from './indicator-values.js';
import { type FieldPath, type RuleDocument, readRuleDocument } from './rule-document.js';
import { checkForm, WrittenList, type WrittenRules, type WrittenThreshold } from './rule-form.js';
import { checkMeaning, fieldFaults } from './rule-meaning.js';

/** A rule file as it was read. */
export interface LoadedRules {
  readonly rules: Rules;
  /** By list: indicators of its file that were left out, as they are of no use or of no more use. */
  readonly leftOut: readonly number[];
}

/** The rules in a YAML file, with the lists that it names. Throws a UsageError with up to 20 faults, each with file, line and field. */
export function loadRules(path: string): Rules {
  return loadRuleFile(path, Date.now()).rules;
}

/** As loadRules, with what was left out of lists. Indicators that are valid until `nowMs` or earlier are out of date. */
export function loadRuleFile(path: string, nowMs: number): LoadedRules {
  const faults = new RuleFaults(path);
  const document = readRuleDocument(path, faults);
  if (document) checkForm(document, faults);
  if (document) checkMeaning(document, faults);
  const contents = document ? readLists(document, faults, nowMs) : [];
  faults.throwIfAny();
  return {
    rules: rulesOf(document!.value as Static<typeof WrittenRules>, contents),
    leftOut: contents.map(({ leftOut }) => leftOut),
  };
}

/** The contents of all lists; nothing for those that were told to be wrong. */
function readLists(document: RuleDocument, faults: RuleFaults, nowMs: number): ListContent[] {
  const { lists } = document.value as { lists?: unknown };
  const contents: ListContent[] = [];
  let left = MOST_ENTRIES_ALTOGETHER;
  for (const [k, list] of (Array.isArray(lists) ? lists : []).entries()) {
    // What is too much is not read on: it would fill the memory first.
    const isReadable = left >= 0 && Value.Check(WrittenList, list);
    const content = isReadable ? contentOf(list, ['lists', k], { document, faults, nowMs }) : NOTHING;
    const had = left;
    left -= content.entries.length;
    if (had >= 0 && left < 0)
      fieldFaults(document, faults)(
        ['lists', k],
        `makes more than ${MOST_ENTRIES_ALTOGETHER} entries of all lists together. Leave out what is old.`,
      );
    contents.push(content);
  }
  return contents;
}

const NOTHING: ListContent = { entries: [], leftOut: 0 };

function contentOf(
  { type, entries = [], file, column }: WrittenList,
  at: FieldPath,
  { document, faults, nowMs }: { document: RuleDocument; faults: RuleFaults; nowMs: number },
): ListContent {
  const { path } = document;
  if (file === undefined) {
    const written = entries.map((text, k) => ({ text, line: document.lineOf([...at, 'entries', k]) }));
    return { entries: checkedEntries(written, { path, type }, faults), leftOut: 0 };
  }
  const tell = fieldFaults(document, faults);
  const unread = (text: string) => tell([...at, 'file'], `is "${file}": ${text}`);
  return readListFile({ path: besides(path, file), type, column, nowMs, unread }, faults) ?? NOTHING;
}

/** `file`, which is meant from the folder of the rule file, as seen from the working folder. */
function besides(rulePath: string, file: string): string {
  const path = resolve(dirname(rulePath), file);
  const near = relative('.', path);
  return near.startsWith('..') ? path : near;
}

/** What was written, in the form in which it is compared. */
function rulesOf(written: Static<typeof WrittenRules>, contents: readonly ListContent[]): Rules {
  const { thresholds = [], exceptions = [], lists = [] } = written;
  return {
    thresholds: thresholds.map(thresholdOf),
    exceptions: exceptions.map(exceptionOf),
    lists: lists.map(({ file: _, column: __, ...list }, k) => ({ ...list, entries: contents[k]!.entries })),
  };
}

function thresholdOf({ window, hosts, ...rule }: WrittenThreshold): ThresholdRule {
  const windowS = Number.parseInt(window, 10) as ThresholdRule['windowS'];
  return { ...rule, windowS, ...(hosts && { hosts: blocksOf(hosts) }) };
}

function exceptionOf({ sources, targets, domains, ...exception }: RuleException): RuleException {
  return {
    ...exception,
    ...(sources && { sources: blocksOf(sources) }),
    ...(targets && { targets: blocksOf(targets) }),
    ...(domains && { domains: domains.map((text) => domainOf(text)!) }),
  };
}

function blocksOf(texts: readonly string[]): string[] {
  return texts.map((text) => blockOf(text)!);
}
