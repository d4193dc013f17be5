import type { Accounts, Identity } from './access/accounts.js';
import type { Audit } from './access/audit.js';
import type { OneTimeLink } from './access/one-time-link.js';
import type { Analyses } from './analyses/analyses.js';
import type { Generations } from './analyses/generations.js';
import type { Feed } from './feed/feed.js';
import type { Places } from './geo/places.js';
import type { Ports } from './ports.js';
import type { ServerSettings } from './settings.js';
import type { History } from './store/history.js';
import type { Watch } from './watch/watch.js';

/** What routes are made of. */
export interface Parts {
  readonly settings: ServerSettings;
  readonly history: History;
  readonly feed: Feed;
  readonly watch: Watch;
  readonly accounts: Accounts;
  readonly audit: Audit;
  readonly link: OneTimeLink | undefined;
  readonly ports: Ports;
  readonly analyses: Analyses | undefined;
  readonly generations: Generations | undefined;
  readonly places: Places | undefined;
  readonly exportFolder: string;
  readonly startedAtMs: number;
  readonly nowMs: () => number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the gate for every route that is not public. */
    who: Identity | undefined;
  }
}
