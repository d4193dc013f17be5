import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import type { IndicatorList } from '@weir/functions';

/** What an entry of a list is. */
export type IndicatorType = IndicatorList['type'];

/** What one entry looks like, by type: for messages. */
export const FORM_OF: Readonly<Record<IndicatorType, string>> = {
  address: 'an address such as 198.51.100.7 or 2001:db8::7, or a block such as 198.51.100.0/24',
  domain: 'a domain such as bad.example',
  ja4: 'a JA4 fingerprint such as t13d1516h2_8daaf6152771_b186095e22b6',
};

/** Transport, version, SNI, ciphers, extensions, ALPN; digest of the ciphers; digest of the extensions. FoxIO, JA4 technical details. */
const JA4 = /^[tqd](?:1[0-3]|s[1-3]|d[1-3]|00)[di]\d{4}[0-9a-zA-Z]{2}_[0-9a-f]{12}_[0-9a-f]{12}$/;
const PREFIX = /^(?:0|[1-9]\d{0,2})$/;
const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const DOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const MOST_DOMAIN_LETTERS = 253;

/** An entry in the one form in which it is compared; undefined when it is no such thing. */
export function indicatorOf(type: IndicatorType, text: string): string | undefined {
  const trimmed = text.trim();
  if (type === 'address') return blockOf(trimmed);
  if (type === 'domain') return domainOf(trimmed);
  return JA4.test(trimmed) ? trimmed : undefined;
}

/** An address or CIDR block, IPv6 as RFC 5952 writes it; undefined when it is neither. A zone (`%eth0`) is not allowed. */
export function blockOf(text: string): string | undefined {
  const [address = '', prefix, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0 || address.includes('%')) return undefined;
  const plain = version === 4 ? address : new URL(`http://[${address}]/`).hostname.slice(1, -1);
  if (prefix === undefined) return plain;
  return PREFIX.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128) ? `${plain}/${prefix}` : undefined;
}

/** A domain in lower case and ASCII (RFC 5890), without a final dot and a leading `*.`; undefined when it is none. */
export function domainOf(text: string): string | undefined {
  const bare = text.toLowerCase().replace(/^\*\./, '').replace(/\.$/, '');
  // An underscore is no letter of a host's name, but of names that are asked.
  const domain = /^[\x21-\x7e]*$/.test(bare) ? bare : domainToASCII(bare);
  return domain.length <= MOST_DOMAIN_LETTERS && DOMAIN.test(domain) && isIP(domain) === 0 ? domain : undefined;
}
