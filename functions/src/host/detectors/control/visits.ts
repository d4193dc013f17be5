import { type ActivityTable, formatAddress, Protocol } from '@weir/contracts';
import { isOutside } from '../address-scope.js';
import type { KeptFlow } from '../stores/kept-flows.js';
import { type LastingEntry, LastingKeys } from '../stores/lasting-keys.js';

/** Gaps that are remembered of a pair, the latest. */
const GAPS_KEPT = 48;

/** What is known of a client that comes to one service again and again. */
export interface Visits {
  readonly client: string;
  readonly server: string;
  readonly port: number;
  readonly isOutside: boolean;
  /** Over UDP, an opening is only where a conversation has paused. */
  readonly isDatagrams: boolean;
  /** Least port from which a connection was opened in the current pane; 0 none was. */
  paneFromPort: number;
  /** The latest opening, and the port from which it came. */
  openedUs: number;
  fromPort: number;
  /** Panes with openings so far. */
  openings: number;
  /** Between openings, ms, the latest last. */
  gapsMs: number[];
  /** Of the payload that the client sent in each connection that has ended. */
  sent: { count: number; sum: number; squareSum: number };
  receivedBytes: number;
  /** When it was told last; 0 never. */
  toldUs: number;
}

/** Clients of a server, with how many of its services each visits. */
type Clients = Map<string, number>;

/** Visits by client and service, and how many clients each server has. */
export class VisitKeys extends LastingKeys<Visits> {
  /** Counted when it is asked for first, and kept up to date from then on. */
  private clientsByServer: Map<string, Clients> | undefined;

  /** Hosts of this network that came to the same server lately. */
  clientsOf({ server }: Visits): number {
    if (this.clientsByServer === undefined) {
      this.clientsByServer = new Map();
      for (const { about } of this.all) noteClient(this.clientsByServer, about);
    }
    return this.clientsByServer.get(server)?.size ?? 0;
  }

  override add(key: number, describe: () => Visits): LastingEntry<Visits> | undefined {
    const entry = super.add(key, describe);
    if (entry && this.clientsByServer) noteClient(this.clientsByServer, entry.about);
    return entry;
  }

  protected override forget(entry: LastingEntry<Visits>): void {
    super.forget(entry);
    if (this.clientsByServer) dropClient(this.clientsByServer, entry.about);
  }

  override restore(snapshot: object): void {
    super.restore(snapshot);
    this.clientsByServer = undefined;
  }
}

function noteClient(clientsByServer: Map<string, Clients>, { client, server }: Visits): void {
  const clients = clientsByServer.get(server);
  if (clients) clients.set(client, (clients.get(client) ?? 0) + 1);
  else clientsByServer.set(server, new Map([[client, 1]]));
}

function dropClient(clientsByServer: Map<string, Clients>, { client, server }: Visits): void {
  const clients = clientsByServer.get(server);
  if (!clients) return;
  const services = clients.get(client)!;
  if (services > 1) clients.set(client, services - 1);
  else clients.delete(client);
  if (clients.size === 0) clientsByServer.delete(server);
}

/** The client and the service of row `i`, of which nothing is known yet. */
export function newVisits({ columns: c }: ActivityTable, i: number): Visits {
  return {
    client: formatAddress(c.originatorAddress.bytes, i * 16),
    server: formatAddress(c.responderAddress.bytes, i * 16),
    port: c.responderPort[i]!,
    isOutside: isOutside(c.responderAddress.bytes, i * 16),
    isDatagrams: c.protocol[i] === Protocol.udp,
    paneFromPort: 0,
    openedUs: 0,
    fromPort: 0,
    openings: 0,
    gapsMs: [],
    sent: { count: 0, sum: 0, squareSum: 0 },
    receivedBytes: 0,
    toldUs: 0,
  };
}

/** Row `i` opens a connection. */
export function noteOpening(visits: Visits, { columns: c }: ActivityTable, i: number): void {
  const from = c.originatorPort[i]!;
  if (visits.paneFromPort === 0 || from < visits.paneFromPort) visits.paneFromPort = from;
}

/** Row `i` ends one. */
export function countSizes(visits: Visits, { columns: c }: ActivityTable, i: number): void {
  const bytes = c.totalOriginatorBytes[i]!;
  const { sent } = visits;
  sent.count++;
  sent.sum += bytes;
  sent.squareSum += bytes * bytes;
  visits.receivedBytes += c.totalResponderBytes[i]!;
}

/** The pane is over, in which the first connection was opened at `openedUs`. */
export function commitOpening(visits: Visits, openedUs: number): void {
  const from = visits.paneFromPort;
  // From the same port as before it is one conversation that has paused, as of a call or a game.
  if (visits.openedUs > 0 && from !== visits.fromPort) {
    visits.gapsMs.push(Math.max(1, Math.round((openedUs - visits.openedUs) / 1000)));
    if (visits.gapsMs.length > GAPS_KEPT) visits.gapsMs.shift();
  }
  visits.openings++;
  visits.openedUs = openedUs;
  visits.fromPort = from;
  visits.paneFromPort = 0;
}

/** After a long silence nothing of before counts. */
export function beginAnew(entry: { firstUs: number; flows: KeptFlow[]; about: Visits }): void {
  const visits = entry.about;
  entry.firstUs = 0;
  entry.flows = [];
  visits.openedUs = 0;
  visits.gapsMs = [];
  visits.sent = { count: 0, sum: 0, squareSum: 0 };
  visits.receivedBytes = 0;
}
