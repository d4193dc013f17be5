import { isIpv4, parseAddress } from '@weir/contracts';
import type { SuppressionRule } from '@weir/contracts/dashboard-api';

/** What a rule looks at in an incident. */
export interface RuleSubject {
  readonly kind: string;
  readonly entity: string;
  readonly domain?: string | null | undefined;
  readonly sources: readonly string[];
  readonly targets: readonly string[];
}

/** Whether all that `rule` names fits. */
export function ruleFits(rule: SuppressionRule, subject: RuleSubject): boolean {
  if (rule.incidentKind !== undefined && rule.incidentKind !== subject.kind) return false;
  if (rule.entity !== undefined && rule.entity !== subject.entity) return false;
  if (rule.domain !== undefined && !isWithinDomain(subject.domain ?? '', rule.domain)) return false;
  if (rule.address === undefined) return true;
  const prefix = parsePrefix(rule.address);
  return [...subject.sources, ...subject.targets].some((address) => isWithinPrefix(address, prefix));
}

function isWithinDomain(domain: string, rule: string): boolean {
  const [name, wanted] = [domain.toLowerCase(), rule.toLowerCase()];
  return name === wanted || name.endsWith(`.${wanted}`);
}

/** An address block. */
export interface Prefix {
  readonly bytes: Uint8Array;
  /** Leading bits that count, of 128. */
  readonly bits: number;
}

/** The block in `text`: an address, or an address and a number of bits. Throws a RangeError that names the text. */
export function parsePrefix(text: string): Prefix {
  const [address = '', length, ...rest] = text.split('/');
  const bytes = parseAddress(address);
  if (length === undefined) return { bytes, bits: 128 };
  const most = isIpv4(bytes, 0) ? 32 : 128;
  if (rest.length > 0 || !/^\d{1,3}$/.test(length) || Number(length) > most) {
    throw new RangeError(`"${text}" is not an address block. Expected such as 10.0.0.0/8 or 2001:db8::/32.`);
  }
  return { bytes, bits: Number(length) + 128 - most };
}

/** Whether an address or block in text lies within a block. False for text that is neither. */
export function isWithinPrefix(text: string, { bytes, bits }: Prefix): boolean {
  let inner: Prefix;
  try {
    inner = parsePrefix(text);
  } catch {
    return false;
  }
  if (inner.bits < bits) return false;
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = bits - bit >= 8 ? 0xff : (0xff << (8 - (bits - bit))) & 0xff;
    if (((inner.bytes[bit >> 3]! ^ bytes[bit >> 3]!) & mask) !== 0) return false;
  }
  return true;
}
