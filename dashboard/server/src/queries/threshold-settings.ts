import { type Evidence, INCIDENT_KINDS, type Incident } from '@weir/contracts';
import type { Setting } from '@weir/contracts/dashboard-api';

/** A threshold that is to change. */
interface Change {
  /** Kinds of finding that it decides about. */
  readonly kinds: readonly string[];
  readonly before: number;
  readonly after: number;
}

/**
 * Which incidents other settings would have lost, by their evidence: a piece whose threshold has the value that a changed
 * setting of its detector has now is held against the new one. `untold`: settings that no evidence names.
 */
export function lostBySettings<Found extends { readonly kind: string; readonly json: string }>(
  found: readonly Found[],
  wanted: Readonly<Record<string, number>>,
  settings: readonly Pick<Setting, 'path' | 'value'>[],
): { lost: Found[]; untold: string[] } {
  const current = new Map(settings.map(({ path, value }) => [path, value]));
  const changes = new Map<string, Change>();
  for (const [path, after] of Object.entries(wanted)) {
    const before = current.get(path);
    if (typeof before === 'number' && before !== after) changes.set(path, { kinds: kindsOf(path), before, after });
  }
  const told = new Set<string>();
  const lost = found.filter((each) => isLost(each, changes, told));
  return { lost, untold: Object.keys(wanted).filter((path) => !told.has(path)) };
}

/** Notes in `told` which changes the evidence says something about. */
function isLost(
  { kind, json }: { readonly kind: string; readonly json: string },
  changes: ReadonlyMap<string, Change>,
  told: Set<string>,
): boolean {
  let isLost = false;
  for (const [path, change] of changes) {
    if (!change.kinds.includes(kind)) continue;
    const { evidence } = JSON.parse(json) as Incident;
    for (const piece of evidence.filter(({ threshold }) => threshold === change.before)) {
      told.add(path);
      if (!stillPasses(piece, change)) isLost = true;
    }
  }
  return isLost;
}

/** What was above its threshold has to be above the new one; what was below, as some shares, below. */
function stillPasses({ value }: Evidence, { before, after }: Change): boolean {
  return value >= before ? value >= after : value <= after;
}

/** Kinds that a setting is about, by the name of its section: `host.portScan.ports.in10s` is about `port-scan`. */
function kindsOf(path: string): string[] {
  const section = path.split('.')[1] ?? '';
  const name = section.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return INCIDENT_KINDS.filter((kind) => kind === name || kind.startsWith(`${name}-`));
}
