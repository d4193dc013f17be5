/**
 * Writes what can be told from the contracts into docs/: the marked parts of docs/wire-format.md, and docs/schemas/*.json.
 * Run as `node scripts/wire-format.mjs` after a build. tests/wire-format.test.ts fails when the files differ from what
 * this would write.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * @typedef {typeof import('@weir/contracts')} Contracts
 * @typedef {import('@weir/contracts').VersionedLayout<import('@weir/contracts').Layout>} AnyLayout
 * @typedef {import('@sinclair/typebox').TObject} ObjectSchema
 */

const DOCS = new URL('../docs/', import.meta.url);
const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

/** @type {Record<import('@weir/contracts').ColumnType, string>} */
const ARROW_NAMES = {
  u8: 'uint8',
  u16: 'uint16',
  u32: 'uint32',
  i32: 'int32',
  f32: 'float32',
  f64: 'float64',
  address: 'fixed_size_binary[16]',
  bytes: 'binary',
};

/**
 * The files that follow from the contracts, by path below docs/.
 * @param {Contracts} contracts the exports of @weir/contracts
 * @param {string} wireFormat the text of docs/wire-format.md, whose marked parts are replaced
 * @returns {Map<string, string>}
 */
export function generateDocs(contracts, wireFormat) {
  const files = new Map([['wire-format.md', replaceMarked(wireFormat, wireFormatParts(contracts))]]);
  for (const [name, schema] of Object.entries(publishedSchemas(contracts))) {
    files.set(`schemas/${name}.json`, toJson({ $schema: DRAFT, ...withoutIds(schema) }));
  }
  files.set('schemas/layouts.json', toJson(contracts.LAYOUTS));
  files.set('schemas/features.json', toJson(featureLists(contracts)));
  return files;
}

/** @param {Contracts} c @returns {Record<string, import('@sinclair/typebox').TSchema>} */
function publishedSchemas(c) {
  return {
    alert: c.Alert,
    incident: c.Incident,
    'flow-summary': c.FlowSummary,
    'traffic-window': c.TrafficWindow,
    'sensor-health': c.SensorHealth,
    control: c.Control,
    'dead-letter': c.DeadLetter,
    'model-manifest': c.ModelManifest,
    'packet-batch-message': c.PacketBatchMessage,
    'host-batch-message': c.HostBatchHeader,
  };
}

/**
 * The feature lists with their hashes, as training reads them.
 * @param {Contracts} c
 */
function featureLists({ FEATURE_LISTS, featuresSha256 }) {
  const entries = Object.entries(FEATURE_LISTS);
  return Object.fromEntries(entries.map(([name, features]) => [name, { sha256: featuresSha256(features), features }]));
}

/**
 * Each schema stands alone: its `$id`s, which only name parts within the code, become titles.
 * @param {any} schema @returns {any}
 */
function withoutIds(schema) {
  if (Array.isArray(schema)) return schema.map(withoutIds);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { $id, ...rest } = schema;
  const inner = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, withoutIds(value)]));
  return $id === undefined ? inner : { title: $id, ...inner };
}

/** @param {unknown} value */
const toJson = (value) => `${JSON.stringify(value, undefined, 2)}\n`;

/**
 * Replaces what stands between `<!-- generated: name -->` and `<!-- end -->`. An unknown or unused name is an error.
 * @param {string} text @param {Record<string, string>} parts
 */
function replaceMarked(text, parts) {
  const used = new Set();
  const result = text.replace(/(<!-- generated: ([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g, (_, open, name, close) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`docs/wire-format.md: no generated part is called "${name}"`);
    used.add(name);
    return `${open}\n${part.trim()}\n\n${close}`;
  });
  const unused = Object.keys(parts).filter((name) => !used.has(name));
  if (unused.length > 0) throw new Error(`docs/wire-format.md: no place for the generated parts ${unused.join(', ')}`);
  return result;
}

/** @param {Contracts} c @returns {Record<string, string>} */
function wireFormatParts(c) {
  const layouts = Object.values(c.LAYOUTS);
  const tables = layouts.map((layout) => [`columns-${layout.name}`, columnTable(layout)]);
  const versions = layouts.map(({ name, version, columns }) => [code(name), version, columns.length]);
  const topics = Object.entries(c.Topic).map(([key, topic]) => [code(key), code(topic)]);
  return {
    versions: table(['Layout', 'Version', 'Columns'], versions),
    topics: table(['Name in code', 'Topic'], topics),
    'batch-header': propertyTable(c.BatchHeader),
    'sensor-counters': propertyTable(c.SensorCounters),
    'host-batch-header': propertyTable(c.HostBatchHeader),
    'partition-counters': propertyTable(c.FlowPartitionCounters),
    ...Object.fromEntries(tables),
    conformance: conformanceTable(c.CONFORMANCE_BREACHES),
    'note-kind': numbers(c.NoteKind),
    'amplifier-message': numbers(c.AmplifierMessage),
    'payload-guess': numbers(c.PayloadGuess),
    'network-layer': numbers(c.NetworkLayer),
    'tunnel-kind': numbers(c.TunnelKind),
    'tcp-flag': numbers(c.TcpFlag),
    'flow-event': numbers(c.FlowEvent),
    role: numbers(c.Role),
    'flow-record-kind': numbers(c.FlowRecordKind),
    'flow-outcome': numbers(c.FlowOutcome),
    schemas: schemaTable(publishedSchemas(c)),
  };
}

/** @param {AnyLayout} layout */
function columnTable({ columns }) {
  const rows = columns.map(({ name, type, unit, meaning }) => [code(name), ARROW_NAMES[type], unit, meaning]);
  return table(['Column', 'Arrow type', 'Unit', 'Meaning'], rows);
}

/** @param {ObjectSchema} schema */
function propertyTable(schema) {
  const rows = Object.entries(schema.properties).map(([name, { type, description, $id }]) => [
    code(name),
    type,
    description ?? $id,
  ]);
  return table(['Field', 'JSON type', 'Meaning'], rows);
}

/** @param {Contracts['CONFORMANCE_BREACHES']} breaches */
function conformanceTable(breaches) {
  const rows = breaches.map(({ name, layer, meaning }, bit) => [bit, code(name), layer, meaning]);
  return table(['Bit', 'Name', 'OSI layer', 'Meaning'], rows);
}

/** @param {Readonly<Record<string, number>>} values */
function numbers(values) {
  return Object.entries(values)
    .map(([name, value]) => `${value} ${code(name)}`)
    .join(' · ');
}

/** @param {Record<string, import('@sinclair/typebox').TSchema>} schemas */
function schemaTable(schemas) {
  const rows = Object.entries(schemas).map(([file, { $id, description }]) => [
    `[${file}.json](schemas/${file}.json)`,
    code($id),
    description,
  ]);
  return table(['Schema', 'Type', 'Meaning'], rows);
}

/** @param {unknown} text */
const code = (text) => `\`${text}\``;

/** @param {string[]} head @param {unknown[][]} rows */
function table(head, rows) {
  /** @param {unknown[]} cells */
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

async function main() {
  const built = new URL('../contracts/dist/index.js', import.meta.url).href;
  const wireFormat = readFileSync(new URL('wire-format.md', DOCS), 'utf8');
  mkdirSync(new URL('schemas/', DOCS), { recursive: true });
  for (const [path, text] of generateDocs(await import(built), wireFormat)) {
    writeFileSync(new URL(path, DOCS), text);
    console.log(`wrote ${fileURLToPath(new URL(path, DOCS))}`);
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
