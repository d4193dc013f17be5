import { UsageError } from '../errors.js';
import { readInput, readJsonInput } from '../input-text.js';
import { AddressSet } from './address-set.js';
import { csvRows } from './csv-rows.js';

/** One attack of a scenario. */
export interface Attack {
  readonly label: string;
  readonly category: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Attackers and victims. */
  readonly addresses: AddressSet;
  /** Domains of a DNS attack: where any are known, an incident that names another domain is about something else. */
  readonly domains: readonly string[];
}

/** What a truth file leaves out, by label: further addresses, and domains. */
export type TruthAdditions = Readonly<
  Record<string, { readonly addrs?: readonly string[]; readonly domains?: readonly string[] }>
>;

const COLUMNS = ['start_epoch', 'end_epoch', 'label', 'category', 'attacker', 'victim'];

/** The attacks of a truth file (CSV, as `weir traffic` writes it). Throws a UsageError for another table. */
export function readTruth(path: string, additionsPath?: string): Attack[] {
  const rows = csvRows(readInput(path));
  const missing = COLUMNS.filter((name) => rows.length > 0 && rows[0]![name] === undefined);
  if (missing.length > 0) throw new UsageError(`${path} has no column ${missing.join(', ')}. It is no truth file.`);
  const additions = additionsPath === undefined ? {} : (readJsonInput(additionsPath) as TruthAdditions);
  return rows.map((row) => attackOf(row, additions[row.label!] ?? {}));
}

function attackOf(row: Record<string, string>, { addrs = [], domains = [] }: TruthAdditions[string]): Attack {
  const addresses = AddressSet.of(addrs);
  addresses.addFrom(row.attacker!);
  addresses.addFrom(row.victim!);
  const startMs = Number(row.start_epoch) * 1000;
  return {
    label: row.label!,
    category: row.category!,
    startMs,
    endMs: Number(row.end_epoch) * 1000,
    addresses,
    domains,
  };
}
