import { type Incident, SEVERITIES, type Severity } from '@weir/contracts';
import type { IncidentOutput } from '@weir/functions';

const MOST_KEPT = 10_000;

/**
 * The latest state of each incident. Closed ones beyond the bound are forgotten, oldest first, so that a sensor can run
 * for months; the worst severity and their number stay known.
 */
export class IncidentLedger {
  private readonly byId = new Map<string, Incident>();
  private worstForgotten = -1;
  /** Incidents that were dropped from memory. */
  forgotten = 0;

  constructor(private readonly mostKept = MOST_KEPT) {}

  record({ incident }: IncidentOutput): void {
    this.byId.set(incident.id, structuredClone(incident));
    if (this.byId.size > this.mostKept) this.forgetOldestClosed();
  }

  /** All that are kept, by start, then id. */
  incidents(): Incident[] {
    return [...this.byId.values()].sort((a, b) => a.startMs - b.startMs || (a.id < b.id ? -1 : 1));
  }

  /** Whether any incident is of `severity` or above. */
  reaches(severity: Severity): boolean {
    const limit = SEVERITIES.indexOf(severity);
    if (this.worstForgotten >= limit) return true;
    return this.incidents().some((incident) => SEVERITIES.indexOf(incident.severity) >= limit);
  }

  private forgetOldestClosed(): void {
    for (const incident of this.byId.values()) {
      if (incident.state !== 'closed') continue;
      this.byId.delete(incident.id);
      this.forgotten++;
      this.worstForgotten = Math.max(this.worstForgotten, SEVERITIES.indexOf(incident.severity));
      return;
    }
  }
}
