import { copyOf, type Fault, type Written } from './indicator-files.js';
import { blockOf, type IndicatorType } from './indicator-values.js';

/** What of a STIX 2.1 indicator object matters here (OASIS, STIX version 2.1, section 4.7). */
interface Indicator {
  readonly type?: unknown;
  readonly id?: unknown;
  readonly pattern?: unknown;
  readonly pattern_type?: unknown;
  readonly revoked?: unknown;
  readonly valid_until?: unknown;
}

/** One comparison of a pattern that an entry can stand for. */
const COMPARISON = /(ipv4-addr|ipv6-addr|domain-name|url):value\s*(?:=|ISSUBSET)\s*'((?:[^'\\]|\\.)*)'/g;
/** The pattern of almost all indicators: one comparison, without a letter that stands for another. */
const ONE_COMPARISON = /^\s*\[\s*(ipv4-addr|ipv6-addr|domain-name|url):value\s*=\s*'([^'\\]*)'\s*\]\s*$/;
/** What may stand around comparisons of which each alone is enough. */
const ONLY_OR = /^(?:\s|[[\]()]|\bOR\b)*$/;

/** What is wanted of a bundle. */
interface Wanted {
  readonly type: IndicatorType;
  /** Indicators that are valid until then or earlier are out of date. Unit: ms since 1970. */
  readonly nowMs: number;
}

/**
 * The values of one type in a STIX 2.1 bundle, and the number of indicators that give none: patterns that need several
 * things at once, other types, other languages, and what is revoked or out of date.
 */
export function stixEntries(
  text: string,
  wanted: Wanted,
  fault: Fault,
): { readonly written: Iterable<Written>; readonly leftOut: () => number } {
  let leftOut = 0;
  const objects = objectsOf(text, fault);
  const written = function* (): Generator<Written> {
    for (const [k, object] of objects.entries()) {
      if (object?.type !== 'indicator') continue;
      const place = placeOf(text, object, k);
      const values = isValid(object, wanted.nowMs, place, fault) ? valuesOf(String(object.pattern), wanted.type) : [];
      if (values.length === 0) leftOut++;
      for (const value of values) yield { text: value, ...place };
    }
  };
  return { written: written(), leftOut: () => leftOut };
}

function objectsOf(text: string, fault: Fault): (Indicator | null)[] {
  let bundle: { type?: unknown; objects?: unknown } | null;
  try {
    bundle = JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const at = faultAt(text, message);
    const line = at === undefined ? undefined : lineAt(text, at);
    fault(`this is not JSON: ${message.replaceAll(/\s+/g, ' ')}. Fetch it again.`, line);
    return [];
  }
  const objects = bundle?.type === 'bundle' ? bundle.objects : undefined;
  if (Array.isArray(objects)) return objects;
  fault('this is no STIX 2.1 bundle: it needs "type": "bundle" and a list of "objects". Lists of text end in .txt.');
  return [];
}

/** Letters before the place that a message of the reader of JSON quotes. */
const QUOTED_BEFORE = 10;

/** Where the reader of JSON stopped: it says so, or quotes what is there; undefined where it says neither. */
function faultAt(text: string, message: string): number | undefined {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  if (message.startsWith('Unexpected end')) return text.length;
  const quoted = /, \.\.\."([\s\S]*?)"(?:\.\.\.)? is not valid JSON$/.exec(message)?.[1];
  return quoted === undefined ? undefined : text.indexOf(quoted) + QUOTED_BEFORE;
}

/** Where an object is: its identifier (or its place in the list), and the line in which that stands, looked for when asked. */
function placeOf(
  text: string,
  { id }: Indicator,
  k: number,
): { readonly of: string; readonly line: () => number | undefined } {
  if (typeof id !== 'string') return { of: `objects[${k}]`, line: () => undefined };
  const line = () => {
    const quoted = JSON.stringify(id).replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    const at = text.search(new RegExp(`"id"\\s*:\\s*${quoted}`));
    return at < 0 ? undefined : lineAt(text, at);
  };
  return { of: id, line };
}

function lineAt(text: string, at: number): number {
  let line = 1;
  for (let end = text.indexOf('\n'); end >= 0 && end < at; end = text.indexOf('\n', end + 1)) line++;
  return line;
}

function isValid(
  { pattern_type = 'stix', revoked, valid_until: until }: Indicator,
  nowMs: number,
  { of, line }: ReturnType<typeof placeOf>,
  fault: Fault,
): boolean {
  const endMs = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(String(until));
  if (Number.isNaN(endMs))
    fault(`valid_until of ${of} is ${JSON.stringify(until)}. Expected a time such as 2030-01-31T12:00:00Z.`, line());
  return pattern_type === 'stix' && revoked !== true && endMs > nowMs;
}

/** The values in a pattern of which each alone is enough; none when it says more than that. */
function valuesOf(pattern: string, type: IndicatorType): string[] {
  const one = ONE_COMPARISON.exec(pattern);
  if (one) return entryOf(one[1]!, one[2]!, type);
  if (!ONLY_OR.test(pattern.replaceAll(COMPARISON, ''))) return [];
  return [...pattern.matchAll(COMPARISON)].flatMap(([, object, quoted]) =>
    entryOf(object!, quoted!.replaceAll(/\\(.)/g, '$1'), type),
  );
}

function entryOf(object: string, value: string, type: IndicatorType): string[] {
  const found = object === 'url' ? hostOf(value) : value;
  const isAddress = object.startsWith('ip') || blockOf(found) !== undefined;
  return found !== '' && type === (isAddress ? 'address' : 'domain') ? [copyOf(found)] : [];
}

/** The host of an address of a page; '' when it has none. */
function hostOf(url: string): string {
  try {
    return new URL(url).hostname.replace(/^\[|\]$/g, '');
  } catch {
    return '';
  }
}
