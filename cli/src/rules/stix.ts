import { blockOf, type IndicatorType } from './indicator-values.js';

/** What of a STIX 2.1 indicator object matters here (OASIS, STIX version 2.1, section 4.7). */
interface Indicator {
  readonly type?: unknown;
  readonly pattern?: unknown;
  readonly pattern_type?: unknown;
  readonly revoked?: unknown;
  readonly valid_until?: unknown;
}

/** One comparison of a pattern that an entry can stand for. */
const COMPARISON = /(ipv4-addr|ipv6-addr|domain-name|url):value\s*(?:=|ISSUBSET)\s*'((?:[^'\\]|\\.)*)'/g;
/** What may stand around comparisons of which each alone is enough. */
const ONLY_OR = /^(?:\s|[[\]()]|\bOR\b)*$/;

/**
 * The values of one type in a STIX 2.1 bundle, and the number of indicators that give none: patterns that need several
 * things at once, other types, other languages, and what is revoked or valid no longer at `nowMs`.
 */
export function stixEntries(
  text: string,
  wanted: { type: IndicatorType; nowMs: number },
  fault: (text: string) => void,
): { written: { text: string }[]; leftOut: number } {
  const indicators = indicatorsOf(text, fault);
  const written: { text: string }[] = [];
  let leftOut = 0;
  for (const indicator of indicators) {
    const values = isValid(indicator, wanted.nowMs) ? valuesOf(String(indicator.pattern ?? ''), wanted.type) : [];
    if (values.length === 0) leftOut++;
    for (const value of values) written.push({ text: value });
  }
  return { written, leftOut };
}

function indicatorsOf(text: string, fault: (text: string) => void): Indicator[] {
  let bundle: { type?: unknown; objects?: unknown } | null;
  try {
    bundle = JSON.parse(text);
  } catch (error) {
    fault(`this is not JSON: ${(error as Error).message.replaceAll(/\s+/g, ' ')}. Fetch it again.`);
    return [];
  }
  const objects = bundle?.type === 'bundle' ? bundle.objects : undefined;
  if (Array.isArray(objects)) return objects.filter((one) => one?.type === 'indicator');
  fault('this is no STIX 2.1 bundle: it needs "type": "bundle" and a list of "objects". Lists of text end in .txt.');
  return [];
}

function isValid({ pattern_type = 'stix', revoked, valid_until }: Indicator, nowMs: number): boolean {
  const endMs = valid_until === undefined ? Number.POSITIVE_INFINITY : Date.parse(String(valid_until));
  return pattern_type === 'stix' && revoked !== true && !(endMs <= nowMs);
}

/** The values in a pattern of which each alone is enough; none when it says more than that. */
function valuesOf(pattern: string, type: IndicatorType): string[] {
  if (!ONLY_OR.test(pattern.replaceAll(COMPARISON, ''))) return [];
  return [...pattern.matchAll(COMPARISON)].flatMap(([, object, quoted]) => {
    const value = quoted!.replaceAll(/\\(.)/g, '$1');
    const found = object === 'url' ? hostOf(value) : value;
    const isAddress = blockOf(found) !== undefined || object!.startsWith('ip');
    return found !== '' && type === (isAddress ? 'address' : 'domain') ? [found] : [];
  });
}

/** The host of an address of a page; '' when it has none. */
function hostOf(url: string): string {
  try {
    return new URL(url).hostname.replace(/^\[|\]$/g, '');
  } catch {
    return '';
  }
}
