import type { Incident, Severity } from '@weir/contracts';
import type { TriageStatus } from '@weir/contracts/dashboard-api';

/** Severities, least first. */
export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const satisfies readonly Severity[];

/** Names of kinds that are more than their words. */
const KIND_NAMES: Readonly<Record<string, string>> = {
  'slow-dos': 'Slow denial of service',
  'high-entropy-payload': 'High-entropy payload',
  'sensor-loss': 'Sensor loses packets',
  degraded: 'Degraded sight',
};
const ACRONYMS = /\b(arp|dhcp|dns|doh|ftp|http|https|icmp|ip|llmnr|mac|mdns|ntp|rdp|smb|ssh|syn|tcp|tls|udp)\b/g;

/** Name of a kind of finding, by its words: `arp-spoofing` is `ARP spoofing`. Any kind has one, a newer server's too. */
export function kindName(kind: string): string {
  const words = KIND_NAMES[kind] ?? kind.replaceAll('-', ' ').replace(ACRONYMS, (acronym) => acronym.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const PROTOCOLS: Readonly<Record<number, string>> = {
  1: 'ICMP', 2: 'IGMP', 6: 'TCP', 17: 'UDP', 41: 'IPv6', 47: 'GRE', 50: 'ESP', 51: 'AH', 58: 'ICMPv6', 89: 'OSPF', 132: 'SCTP',
}; // biome-ignore format: a list to read

/** Name of an IANA protocol number, or `protocol 253`. */
export const protocolName = (number: number) => PROTOCOLS[number] ?? `protocol ${number}`;

const OUTCOMES: Readonly<Record<string, string>> = {
  unanswered: 'unanswered',
  answered: 'answered',
  halfOpen: 'half open',
  handshakeIncomplete: 'handshake incomplete',
  established: 'established',
  finished: 'finished',
  reset: 'reset',
  rejected: 'rejected',
};

/** How far a flow got, in words. */
export const outcomeName = (outcome: string) => OUTCOMES[outcome] ?? outcome;

/** Whether a connection was tried in vain. Much of what is merely unanswered, such as multicast, asks for no answer. */
export const isFailed = (outcome: string) => ['halfOpen', 'handshakeIncomplete', 'rejected'].includes(outcome);

/** How far people got with an incident, in words. */
export const triageName = (status: TriageStatus) => status.replace('-', ' ');

/** The last part of a path, such as of a capture file; anything else as it is. */
export const baseName = (path: string) => path.replace(/^.*[\\/](?=[^\\/])/, '');

/** `10.0.0.1, 10.0.0.2 and 5 more`; `many` when the list is empty. */
export function few(names: readonly string[], shown: number, none: string): string {
  if (names.length === 0) return none;
  const rest = names.length - shown;
  return rest > 0 ? `${names.slice(0, shown).join(', ')} and ${rest} more` : names.join(', ');
}

/** Who did it to whom, in one line; a dash for what is about no host, such as a full table. */
export function whoToWhom({ sources, targets }: Pick<Incident, 'sources' | 'targets'>): string {
  if (sources.length + targets.length === 0) return '—';
  return `${few(sources, 2, 'spoofed or unknown')} → ${few(targets, 2, 'many')}`;
}

/** Page of a technique on the ATT&CK site; undefined for what is not an id of one, so that no text becomes a link. */
export function techniqueUrl(id: string): string | undefined {
  const match = /^T(\d{4})(?:\.(\d{3}))?$/.exec(id);
  return match ? `https://attack.mitre.org/techniques/T${match[1]}/${match[2] ? `${match[2]}/` : ''}` : undefined;
}
