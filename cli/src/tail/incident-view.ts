import { type Incident, parseIncident } from '@weir/contracts';
import type { IncidentOutput } from '@weir/functions';
import { IncidentPrinter } from '../report/incident-printer.js';
import type { Layout } from '../report/incident-text.js';
import { IncidentLedger } from '../results/incident-ledger.js';
import type { TailView, ViewOptions } from './tail-view.js';

/** Incidents whose last revision is remembered; beyond that the oldest is told anew if it comes again. */
const REMEMBERED = 100_000;

/**
 * Shows incidents as they grow, each restatement once, in words or as JSON lines. As JSON lines that are read to the
 * end, only the latest state of each, by start.
 */
export class IncidentView implements TailView {
  private readonly ledger = new IncidentLedger(REMEMBERED);
  private readonly revisions = new Map<string, number>();
  private readonly printer: IncidentPrinter;

  constructor(
    private readonly options: ViewOptions,
    layout: Layout,
  ) {
    this.printer = new IncidentPrinter('as-found', layout, options.print);
  }

  take(record: string): boolean {
    const incident = parseIncident(record);
    const before = this.revisions.get(incident.id);
    if (before !== undefined && incident.revision <= before) return false;
    this.remember(incident);
    const { isJson, endsWhenQuiet, print } = this.options;
    if (!isJson) this.tell(incident, before === undefined);
    else if (endsWhenQuiet) this.ledger.record(changeOf(incident, before === undefined));
    else print(`${JSON.stringify(incident)}\n`);
    return true;
  }

  finish(): void {
    for (const incident of this.ledger.incidents()) this.options.print(`${JSON.stringify(incident)}\n`);
  }

  private tell(incident: Incident, isNew: boolean): void {
    if (isNew) this.printer.change({ kind: 'incident-opened', incident });
    if (!isNew || incident.state === 'closed') this.printer.change(changeOf(incident, false));
  }

  private remember({ id, revision }: Incident): void {
    this.revisions.delete(id);
    this.revisions.set(id, revision);
    if (this.revisions.size > REMEMBERED) this.revisions.delete(this.revisions.keys().next().value as string);
  }
}

function changeOf(incident: Incident, isNew: boolean): IncidentOutput {
  if (incident.state === 'closed') return { kind: 'incident-closed', incident };
  return { kind: isNew ? 'incident-opened' : 'incident-updated', incident };
}
