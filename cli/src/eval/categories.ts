import type { IncidentKind } from '@weir/contracts';

const COMMAND_AND_CONTROL: readonly IncidentKind[] = [
  'beacon',
  'command-and-control',
  'generated-domains',
  'malware',
  'spam',
];
const SCANS: readonly IncidentKind[] = ['port-scan', 'address-sweep'];
const FLOODS: readonly IncidentKind[] = ['syn-flood', 'udp-flood', 'icmp-flood', 'http-flood', 'packet-flood'];

/**
 * The kinds of incident that are right for each category of attack, in truth files and in manifests of captures; those
 * that only manifests have come last.
 */
const RIGHT_KINDS: Readonly<Record<string, readonly IncidentKind[]>> = {
  scan: SCANS,
  flood: FLOODS,
  // Reflected answers are a flood too; that they are reflected is the better word.
  amplification: [...FLOODS, 'amplification'],
  slow_dos: ['slow-dos'],
  bruteforce: ['password-guessing'],
  dns_tunnel: ['dns-tunnel', 'data-exfiltration'],
  icmp_tunnel: ['icmp-tunnel', 'data-exfiltration'],
  exfil: ['data-exfiltration'],
  arp: ['arp-spoofing', 'address-sweep'],
  c2: [...COMMAND_AND_CONTROL, 'data-exfiltration'],
  iot_malware: [...SCANS, 'command-and-control', 'generated-domains', 'malware'],
  lateral: ['lateral-movement', 'exploit'],
  malware_mixed: [...COMMAND_AND_CONTROL, ...SCANS],
  mining: [...COMMAND_AND_CONTROL, 'long-connection'],
  web: ['exploit'],
};

/** Categories of captures that hold nothing to be told. */
const BENIGN = /^(benign|protocol_corpus)/;

/** Whether captures of this category are benign. */
export function isBenign(category: string): boolean {
  return BENIGN.test(category);
}

/** The kinds that fit attacks of a category; none for one that is benign, unknown, or that no kind describes. */
export function rightKinds(category: string): readonly IncidentKind[] {
  return RIGHT_KINDS[category] ?? [];
}
