/** Types of DuckDB that Weir's tables use. */
export type ColumnType = 'VARCHAR' | 'DOUBLE' | 'INTEGER' | 'BOOLEAN';

/** A table: its columns in order, and the columns of its primary key, if any. */
export interface TableShape {
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly key: readonly string[];
}

const table = <const C extends Readonly<Record<string, ColumnType>>>(
  columns: C,
  key: readonly (keyof C & string)[],
) => ({
  columns,
  key,
});

/** Raised when an older Weir could no longer read or write the tables. */
export const SCHEMA_VERSION = 2;

/** All tables. Times are ms since 1970-01-01 UTC; `…_at` are by the clock, the others by capture time. */
export const TABLES = {
  positions: table({ topic: 'VARCHAR', part: 'INTEGER', next_offset: 'VARCHAR' }, ['topic', 'part']),
  incidents: table(
    {
      id: 'VARCHAR', revision: 'INTEGER', kind: 'VARCHAR', severity: 'VARCHAR', severity_rank: 'INTEGER', state: 'VARCHAR',
      title: 'VARCHAR', summary: 'VARCHAR', entity: 'VARCHAR', domain: 'VARCHAR', confidence: 'DOUBLE', score: 'DOUBLE',
      magnitude: 'DOUBLE', alerts: 'INTEGER', start_ms: 'DOUBLE', end_ms: 'DOUBLE', detected_ms: 'DOUBLE',
      hidden_by: 'VARCHAR', json: 'VARCHAR',
    },
    ['id'],
  ),
  incident_hosts: table({ incident_id: 'VARCHAR', address: 'VARCHAR', role: 'VARCHAR' }, ['incident_id', 'address', 'role']),
  restatements: table(
    {
      id: 'VARCHAR', revision: 'INTEGER', state: 'VARCHAR', severity: 'VARCHAR', magnitude: 'DOUBLE', alerts: 'INTEGER',
      end_ms: 'DOUBLE',
    },
    ['id', 'revision'],
  ),
  triage: table(
    { id: 'VARCHAR', status: 'VARCHAR', assignee: 'VARCHAR', changed_by: 'VARCHAR', changed_at: 'DOUBLE' },
    ['id'],
  ),
  notes: table({ id: 'VARCHAR', incident_id: 'VARCHAR', text: 'VARCHAR', author: 'VARCHAR', noted_at: 'DOUBLE' }, ['id']),
  flows: table(
    {
      sensor: 'VARCHAR', community_id: 'VARCHAR', originator: 'VARCHAR', responder: 'VARCHAR', originator_port: 'INTEGER',
      responder_port: 'INTEGER', protocol: 'INTEGER', outcome: 'VARCHAR', start_ms: 'DOUBLE', end_ms: 'DOUBLE',
      packets: 'DOUBLE', bytes: 'DOUBLE', originator_bytes: 'DOUBLE', responder_bytes: 'DOUBLE', application: 'VARCHAR',
    },
    [],
  ),
  windows: table(
    {
      scope: 'VARCHAR', address: 'VARCHAR', part: 'INTEGER', start_ms: 'DOUBLE', packets: 'DOUBLE', bytes: 'DOUBLE',
      connections: 'DOUBLE', failed_share: 'DOUBLE', tcp_share: 'DOUBLE', udp_share: 'DOUBLE', icmp_share: 'DOUBLE',
      destinations: 'DOUBLE', ports: 'DOUBLE', gap_mean_ms: 'DOUBLE', mean_packet_bytes: 'DOUBLE', json: 'VARCHAR',
    },
    ['scope', 'address', 'part', 'start_ms'],
  ),
  seconds: table(
    {
      sensor: 'VARCHAR', start_ms: 'DOUBLE', packets: 'DOUBLE', bytes: 'DOUBLE', tcp: 'DOUBLE', udp: 'DOUBLE', icmp: 'DOUBLE',
    },
    ['sensor', 'start_ms'],
  ),
  peers: table({ address: 'VARCHAR', peer: 'VARCHAR', start_ms: 'DOUBLE', bytes: 'DOUBLE' }, ['address', 'peer', 'start_ms']),
  health: table({ sensor: 'VARCHAR', at_ms: 'DOUBLE', heard_at: 'DOUBLE', json: 'VARCHAR' }, ['sensor', 'at_ms']),
  suppressions: table(
    { id: 'VARCHAR', rule: 'VARCHAR', reason: 'VARCHAR', author: 'VARCHAR', created_at: 'DOUBLE', expires_at: 'DOUBLE', everywhere: 'BOOLEAN' },
    ['id'],
  ),
  controls: table({ noted_at: 'DOUBLE', noted_by: 'VARCHAR', control: 'VARCHAR', answer: 'VARCHAR' }, []),
  audit: table(
    { noted_at: 'DOUBLE', who: 'VARCHAR', action: 'VARCHAR', subject: 'VARCHAR', details: 'VARCHAR', came_from: 'VARCHAR' },
    [],
  ),
  users: table(
    {
      name: 'VARCHAR', role: 'VARCHAR', password: 'VARCHAR', must_change: 'BOOLEAN', created_at: 'DOUBLE',
      last_login_at: 'DOUBLE',
    },
    ['name'],
  ),
  sessions: table({ digest: 'VARCHAR', name: 'VARCHAR', login: 'VARCHAR', expires_at: 'DOUBLE' }, ['digest']),
  tokens: table(
    {
      id: 'VARCHAR', digest: 'VARCHAR', name: 'VARCHAR', owner: 'VARCHAR', scopes: 'VARCHAR', created_at: 'DOUBLE',
      expires_at: 'DOUBLE', last_used_at: 'DOUBLE',
    },
    ['id'],
  ),
} as const satisfies Record<string, TableShape>; // biome-ignore format: columns in few lines

/** Tables that are written in batches: rows go to a temporary table first, and from there in one statement. */
export const STAGED = [
  'incidents',
  'incident_hosts',
  'restatements',
  'flows',
  'windows',
  'seconds',
  'peers',
  'health',
] as const;
export type StagedTable = (typeof STAGED)[number];

/** Name of the temporary table that rows of `name` are gathered in. */
export const stageOf = (name: StagedTable) => `staged_${name}`;

/** Statements that make what is missing. */
export function createStatements(): string[] {
  return Object.entries(TABLES).map(([name, shape]) => createTable(name, shape, 'CREATE TABLE IF NOT EXISTS'));
}

/** Statements that make the temporary tables of a writing connection. */
export function stageStatements(): string[] {
  return STAGED.map((name) => createTable(stageOf(name), { ...TABLES[name], key: [] }, 'CREATE TEMP TABLE'));
}

function createTable(name: string, { columns, key }: TableShape, create: string): string {
  const lines = Object.entries(columns).map(([column, type]) => `${column} ${type}`);
  if (key.length > 0) lines.push(`PRIMARY KEY (${key.join(', ')})`);
  return `${create} ${name} (${lines.join(', ')})`;
}
