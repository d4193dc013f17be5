import type { Setting } from '@weir/contracts/dashboard-api';

type Value = Setting['value'];

/** Changes by path (`host.portScan.failedShare`) as the nested part of the settings that a control carries. */
export function nested(changes: ReadonlyMap<string, Value>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [path, value] of changes) {
    const parts = path.split('.');
    const last = parts.pop()!;
    let place = root;
    for (const part of parts) {
      place[part] ??= {};
      place = place[part] as Record<string, unknown>;
    }
    place[last] = value;
  }
  return root;
}

/** Settings by the detector that they belong to: the first two parts of the path, of the three or more there are. */
export function grouped(settings: readonly Setting[]): [string, Setting[]][] {
  const groups = new Map<string, Setting[]>();
  for (const setting of settings) {
    const parts = setting.path.split('.');
    const group = parts.slice(0, Math.min(2, parts.length - 1)).join('.') || 'general';
    groups.set(group, [...(groups.get(group) ?? []), setting]);
  }
  return [...groups];
}

const ACRONYMS = /\b(arp|dns|http|icmp|ip|ssh|syn|tcp|tls|udp)\b/g;

/** `failedShare` as `failed share`, `dnsTunnel` as `DNS tunnel`, `ports.high` as `ports, high`. */
export function inWords(name: string): string {
  return name
    .replace(/\bin(\d+)([smh])\b/g, 'in $1 $2')
    .replace(/([a-z0-9])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
    .replaceAll('.', ', ')
    .replace(ACRONYMS, (acronym) => acronym.toUpperCase());
}

/** What is left of a path below its group: `ports.high` of `host.portScan.ports.high`. */
export const nameBelow = (group: string, path: string) =>
  path.startsWith(`${group}.`) ? path.slice(group.length + 1) : path;
