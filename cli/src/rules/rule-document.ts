import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { RuleFaults } from './faults.js';
import { MOST_BYTES, readText } from './read-text.js';

/** Names and places in lists that lead to a value, such as `thresholds`, 0, `when`. */
export type FieldPath = readonly (string | number)[];

/** A YAML file as a value, and where in the file each part of it is. */
export interface RuleDocument {
  readonly path: string;
  readonly value: unknown;
  /** Line (from 1) of the field at `field`; of what holds it, when it is not there. */
  lineOf(field: FieldPath): number;
}

/** The YAML file at `path`; undefined, and faults with their lines, when it is no YAML. An empty file is no rules. */
export function readRuleDocument(path: string, faults: RuleFaults): RuleDocument | undefined {
  const fault = (text: string) => faults.add({ path }, text);
  const text = readText(path, MOST_BYTES.rules, fault);
  if (text === undefined) return undefined;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const { pos, message } of document.errors)
    faults.add({ path, line: lines.linePos(pos[0]).line }, `this is not YAML: ${firstLine(message)}`);
  if (document.errors.length > 0) return undefined;
  const value = valueIn(document, fault);
  if (value === undefined) return undefined;
  return { path, value: value ?? {}, lineOf: (field) => lines.linePos(offsetOf(document, field)).line };
}

/** Aliases that would make it huge are refused by the reader of YAML. */
function valueIn(document: Document, fault: (text: string) => void): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    fault(`this cannot be read: ${firstLine((error as Error).message)} Write it without aliases.`);
    return undefined;
  }
}

/** A sentence of the YAML reader, ended by one full stop. */
function firstLine(message: string): string {
  return `${message.split('\n')[0]!.replace(/[.:]$/, '')}.`;
}

/** Where in the text the field begins: at its name, or at the entry of a list. */
function offsetOf(document: Document, field: FieldPath): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const key of field) {
    if (isAlias(node)) node = node.resolve(document);
    const { at, value } = stepInto(node, key);
    if (at === undefined) break;
    offset = at;
    node = value;
  }
  return offset;
}

function stepInto(node: unknown, key: string | number): { at?: number | undefined; value?: unknown } {
  if (isSeq(node)) return { at: startOf(node.items[Number(key)]), value: node.items[Number(key)] };
  if (!isMap(node)) return {};
  const pair = node.items.find((one) => String(isScalar(one.key) ? one.key.value : one.key) === String(key));
  return { at: startOf(pair?.key), value: pair?.value };
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node.range?.[0] ?? undefined) : undefined;
}
