import { type Incident, SEVERITIES, type Severity } from '@weir/contracts';
import type { IncidentOutput } from '@weir/functions';
import { headline, incidentText, type Layout } from './incident-text.js';
import { formatClock, formatCount, formatDuration } from './numbers.js';

/**
 * When incidents are printed: `as-found` when time passes as it did (live, paced replay): in full when opened, a line when
 * they get worse and when they end; `when-closed` for a file read at full speed: once, in their final state.
 */
export type PrintMoment = 'as-found' | 'when-closed';

/** Tells a person of incidents. */
export class IncidentPrinter {
  private readonly worst = new Map<string, Severity>();

  constructor(
    private readonly moment: PrintMoment,
    private readonly layout: Layout,
    private readonly print: (text: string) => void,
  ) {}

  change({ kind, incident }: IncidentOutput): void {
    if (this.moment === 'when-closed') {
      if (kind === 'incident-closed') this.printWhole(incident);
    } else if (kind === 'incident-opened') {
      this.worst.set(incident.id, incident.severity);
      this.printWhole(incident);
    } else if (kind === 'incident-updated') {
      this.printIfWorse(incident);
    } else {
      this.worst.delete(incident.id);
      this.print(`${this.closingLine(incident)}\n\n`);
    }
  }

  private printWhole(incident: Incident): void {
    this.print(`${incidentText(incident, this.layout)}\n`);
  }

  private printIfWorse(incident: Incident): void {
    const before = this.worst.get(incident.id);
    if (before && SEVERITIES.indexOf(incident.severity) <= SEVERITIES.indexOf(before)) return;
    this.worst.set(incident.id, incident.severity);
    this.print(`${headline(incident, this.layout)}\n  now ${incident.severity}: ${incident.summary}\n\n`);
  }

  private closingLine(incident: Incident): string {
    const { kind, title, startMs, endMs, alerts } = incident;
    const facts = `lasted ${formatDuration(endMs - startMs)}, ${formatCount(alerts)} ${alerts === 1 ? 'alert' : 'alerts'}`;
    return this.layout.paint(`ended    ${formatClock(endMs)}  ${kind}: ${title} (${facts})`, 'dim');
  }
}
