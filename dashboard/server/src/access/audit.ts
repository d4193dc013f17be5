import type { AuditPage } from '@weir/contracts/dashboard-api';
import { pageOf } from '../queries/ranges.js';
import type { Database } from '../store/database.js';

/** Something that somebody did. */
export interface AuditRecord {
  readonly who: string;
  /** Such as `triage.change`. */
  readonly action: string;
  readonly subject?: string;
  /** Told as JSON; never a secret. */
  readonly details?: unknown;
  /** Address of the client. */
  readonly from?: string;
}

const MOST_DETAILS = 4000;

/** The log of who did what. */
export class Audit {
  constructor(
    private readonly database: Database,
    private readonly nowMs: () => number,
  ) {}

  /** Writes it down; what was done is answered only after that. */
  async note({ who, action, subject = '', details = {}, from = '' }: AuditRecord): Promise<void> {
    const text = JSON.stringify(details).slice(0, MOST_DETAILS);
    await this.database.write((transaction) =>
      transaction.rows('INSERT INTO audit VALUES ($1, $2, $3, $4, $5, $6)', [
        this.nowMs(),
        who,
        action,
        subject,
        text,
        from,
      ]),
    );
  }

  /** Newest first. */
  async page(query: { page?: number | undefined; pageSize?: number | undefined }): Promise<AuditPage> {
    const { page, pageSize, limit } = pageOf(query);
    const [counts] = await this.database.rows<{ total: number }>('SELECT count(*) AS total FROM audit');
    const items = await this.database.rows<AuditPage['items'][number]>(
      `SELECT noted_at AS "atMs", who, action, subject, details, came_from AS "from" FROM audit
       ORDER BY noted_at DESC, rowid DESC ${limit}`,
    );
    return { items, total: counts!.total, page, pageSize };
  }
}
