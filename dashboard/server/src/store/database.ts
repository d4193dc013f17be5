import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { createStatements, SCHEMA_VERSION, stageStatements } from './schema.js';

/** A value in or out of the database. */
export type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

/** A connection within a transaction, or one that only reads. */
export interface Queries {
  /** Rows of one statement; `$1`, `$2` … stand for `values`. Whole numbers come as numbers. */
  rows<R extends object = Row>(sql: string, values?: readonly Cell[]): Promise<R[]>;
}

/** The database cannot be opened; the message says why and what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

export interface DatabaseOptions {
  /** File, or `memory`. */
  readonly path: string;
  /** Most memory that the database takes, in bytes. */
  readonly memoryBytes: number;
  /** The one folder that exports may be written to. */
  readonly exportFolder: string;
}

/** Connections that read at the same time. */
const READERS = 2;

/**
 * DuckDB in this process: one connection that writes, transactions one after the other, and a few that read. It reaches
 * no file but its own and the export folder, loads no extension and its settings are locked.
 */
export class Database {
  private readonly lines: Line[];
  private nextReader = 0;

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly writer: Line,
    readers: Line[],
  ) {
    this.lines = readers;
  }

  static async open({ path, memoryBytes, exportFolder }: DatabaseOptions): Promise<Database> {
    const instance = await openInstance(path, memoryBytes);
    const writer = new Line(await instance.connect());
    await lockDown(writer, exportFolder);
    await checkVersion(writer, path);
    for (const statement of [...createStatements(), ...stageStatements()]) await writer.rows(statement);
    const readers = await Promise.all(Array.from({ length: READERS }, async () => new Line(await instance.connect())));
    return new Database(instance, writer, readers);
  }

  /** Rows of a statement that only reads, as of the last transaction. */
  rows<R extends object = Row>(sql: string, values: readonly Cell[] = []): Promise<R[]> {
    const reader = this.lines[this.nextReader++ % this.lines.length]!;
    return reader.inTurn(() => reader.rows<R>(sql, values));
  }

  /** Does `work` in a transaction: all of it is kept, or nothing. */
  write<T>(work: (queries: Transaction) => Promise<T>): Promise<T> {
    return this.writer.inTurn(async () => {
      await this.writer.rows('BEGIN');
      try {
        const result = await work(this.writer);
        await this.writer.rows('COMMIT');
        return result;
      } catch (error) {
        await this.writer.rows('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  /** One statement outside of any transaction, such as CHECKPOINT or COPY. */
  alone(sql: string, values: readonly Cell[] = []): Promise<unknown> {
    return this.writer.inTurn(() => this.writer.rows(sql, values));
  }

  async close(): Promise<void> {
    for (const line of [this.writer, ...this.lines]) await line.inTurn(async () => line.close());
    this.instance.closeSync();
  }
}

/** What a transaction can do besides asking. */
export interface Transaction extends Queries {
  readonly connection: DuckDBConnection;
}

/** A connection on which one thing happens after the other. */
class Line implements Transaction {
  private last: Promise<unknown> = Promise.resolve();

  constructor(readonly connection: DuckDBConnection) {}

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }

  async rows<R extends object = Row>(sql: string, values: readonly Cell[] = []): Promise<R[]> {
    const reader = await this.connection.runAndReadAll(sql, values as DuckDBValue[]);
    const rows = reader.getRowObjectsJS() as Record<string, unknown>[];
    for (const row of rows) for (const name in row) if (typeof row[name] === 'bigint') row[name] = Number(row[name]);
    return rows as R[];
  }

  close(): void {
    this.connection.closeSync();
  }
}

async function openInstance(path: string, memoryBytes: number): Promise<DuckDBInstance> {
  const settings = {
    memory_limit: `${Math.ceil(memoryBytes / 1e6)}MB`,
    threads: '2',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  };
  try {
    return await DuckDBInstance.create(path === 'memory' ? ':memory:' : path, settings);
  } catch (error) {
    throw new StoreError(`cannot open the history "${path}": ${refusalText((error as Error).message)}`);
  }
}

/** What the database says, in words that tell what to do. */
function refusalText(message: string): string {
  if (/not a valid DuckDB database/.test(message)) return 'it is a file of another kind. Name a new one, or a history.';
  if (/permission denied/i.test(message)) return 'permission denied. Change its permissions, or name another file.';
  if (/lock/i.test(message)) return 'another Weir uses it. End that one, or name another file.';
  return `${message.split('\n')[0]}. Name another file.`;
}

async function lockDown(line: Line, exportFolder: string): Promise<void> {
  await line.rows(`SET allowed_directories = [${quoted(`${exportFolder}/`)}]`);
  await line.rows('SET enable_external_access = false');
  await line.rows('SET lock_configuration = true');
}

async function checkVersion(line: Line, path: string): Promise<void> {
  await line.rows('CREATE TABLE IF NOT EXISTS meta (version INTEGER)');
  const [found] = await line.rows<{ version: number }>('SELECT version FROM meta');
  if (!found) await line.rows(`INSERT INTO meta VALUES (${SCHEMA_VERSION})`);
  else if (found.version !== SCHEMA_VERSION) {
    throw new StoreError(
      `the history "${path}" has layout ${found.version}, this Weir reads ${SCHEMA_VERSION}. ` +
        'Use the release that wrote it, or begin another file.',
    );
  }
}

/** `text` as a string of SQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
