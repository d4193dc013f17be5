/**
 * Keeps what the documents show equal to what the program does: regenerates the parts between `<!-- begin NAME -->` and
 * `<!-- end NAME -->`. `npm run docs` writes them; a test compares them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Documents with generated parts, and the parts of each. */
export const GENERATED = /** @type {const} */ ({
  'README.md': ['sample', 'commands'],
  'docs/operations.md': ['settings'],
  'docs/rules.md': ['rules-file', 'rules-check', 'rules-incidents', 'measures'],
  'docs/tuning.md': ['calmer-settings', 'calmer'],
  'docs/writing-a-detector.md': ['example-detector'],
});

/**
 * @typedef {{ name: string, summary: string, load(): Promise<{ usage: string }> }} Command
 * @typedef {{ written: { stdout: string } }} Io
 * @typedef {object} Weir what is needed of the program
 * @property {(argv: string[], io: any) => Promise<number>} run
 * @property {(settings: { columns: number }) => Io} createMemoryIo
 * @property {readonly Command[]} COMMANDS
 * @property {Schema} DetectionConfig
 * @property {Readonly<Record<string, { unit: string, meaning: string }>>} MEASURES
 * @typedef {{ properties?: Record<string, Schema>, [keyword: string]: any }} Schema
 */

const DEMO = 'testdata/demo/capture.pcap.gz';
const SAMPLE_COLUMNS = 96;
const CALMER = 'docs/examples/calmer.json';
const RULES = 'docs/examples/rules.yaml';
/** A small detector that the documents show whole. */
const EXAMPLE_DETECTOR = 'functions/src/host/detectors/control/mining.ts';

/**
 * All generated parts by name. Run from the project's folder.
 * @param {Weir} weir
 * @returns {Promise<Record<string, string>>}
 */
export async function generateParts(weir) {
  return {
    sample: await sampleRun(weir),
    commands: await commandTable(weir.COMMANDS),
    settings: settingsTable(weir.DetectionConfig),
    'calmer-settings': fenced('json', readFileSync(CALMER, 'utf8')),
    calmer: fenced('text', closingLines(await printed(weir, ['analyze', '--config', CALMER, DEMO]))),
    'rules-file': fenced('yaml', readFileSync(RULES, 'utf8')),
    'rules-check': fenced('text', await printed(weir, ['rules', 'check', RULES])),
    'rules-incidents': fenced('text', incidentsOfRules(await printed(weir, ['analyze', '--rules', RULES, DEMO]))),
    measures: measureTable(weir.MEASURES),
    'example-detector': fenced('ts', withoutImports(readFileSync(EXAMPLE_DETECTOR, 'utf8'))),
  };
}

/** @param {Weir} weir */
async function sampleRun(weir) {
  return fenced('text', shortenSample(await printed(weir, ['analyze', DEMO])));
}

/**
 * What a command line prints.
 * @param {Weir} weir
 * @param {string[]} argv
 */
async function printed({ run, createMemoryIo }, argv) {
  const io = createMemoryIo({ columns: SAMPLE_COLUMNS });
  await run(argv, io);
  return io.written.stdout;
}

/** @param {string} language @param {string} text */
function fenced(language, text) {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}

/** The count of incidents and their table, of a run. @param {string} text */
function closingLines(text) {
  const blocks = text.trimEnd().split('\n\n');
  return blocks.slice(blocks.findIndex(isCount), -1).join('\n\n');
}

/** The incidents of a run that a user's thresholds and lists made. @param {string} text */
function incidentsOfRules(text) {
  const blocks = text.split('\n\n').filter((block) => /^[A-Z]+ .* (rule|listed): /.test(block));
  return blocks.join('\n\n');
}

/** @param {Weir['MEASURES']} measures */
function measureTable(measures) {
  const rows = Object.entries(measures).map(([name, { unit, meaning }]) => `| \`${name}\` | ${unit} | ${meaning} |`);
  return ['| Measure | Unit | Meaning |', '|---|---|---|', ...rows].join('\n');
}

/** @param {string} block */
function isCount(block) {
  return /^(\d+ incidents? in|No incidents in) /.test(block);
}

/** A module from its first comment on. @param {string} text */
function withoutImports(text) {
  return text.slice(text.indexOf('/**'));
}

/**
 * The first incident and the closing lines of a run, with time and rate masked, as they differ from machine to machine.
 * @param {string} text
 */
export function shortenSample(text) {
  const blocks = text.trimEnd().split('\n\n');
  const summaryAt = blocks.findIndex(isCount);
  const shown = summaryAt > 1 ? [blocks[0], `… ${summaryAt - 1} more …`, ...blocks.slice(summaryAt)] : blocks;
  return shown.join('\n\n').replace(/ in [\d.]+ (?:s|min|h)\b[^(\n]*\([^)\n]*\/s\)/, ' in … s (… M/s)');
}

/** @param {readonly Command[]} commands */
async function commandTable(commands) {
  const rows = await Promise.all(
    commands.map(async ({ name, summary, load }) => {
      const { usage } = await load();
      return `| \`${`weir ${name} ${usage}`.trim().replaceAll('|', '\\|')}\` | ${summary} |`;
    }),
  );
  return ['| Command | What it does |', '|---|---|', ...rows].join('\n');
}

/** @param {Schema} schema */
function settingsTable(schema) {
  const rows = settingRows(schema, '').map((cells) => `| ${cells.join(' | ')} |`);
  return ['| Setting | Default | Unit | Meaning |', '|---|---|---|---|', ...rows].join('\n');
}

/**
 * @param {Schema} schema
 * @param {string} path
 * @returns {string[][]}
 */
function settingRows(schema, path) {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const full = path ? `${path}.${name}` : name;
    if (inner.properties) return [[`**\`${full}\`**`, '', '', inner.description ?? ''], ...settingRows(inner, full)];
    return [[`\`${full}\``, JSON.stringify(inner.default ?? ''), inner.unit ?? '', inner.description ?? '']];
  });
}

/**
 * `text` with the part called `name` replaced. Throws when the markers are missing.
 * @param {string} text
 * @param {string} name
 * @param {string} part
 */
export function replacePart(text, name, part) {
  const begin = `<!-- begin ${name} -->`;
  const end = `<!-- end ${name} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`no ${begin} … ${end} in the document. Put both markers back.`);
  return `${text.slice(0, from + begin.length)}\n${part}\n${text.slice(to)}`;
}

/**
 * Every document as it should be.
 * @param {Weir} weir
 * @param {(path: string) => string} read
 * @returns {Promise<Record<string, string>>}
 */
export async function generateDocuments(weir, read) {
  const parts = await generateParts(weir);
  /** @type {Record<string, string>} */
  const documents = {};
  for (const [path, names] of Object.entries(GENERATED)) {
    documents[path] = names.reduce((text, name) => replacePart(text, name, parts[name] ?? ''), read(path));
  }
  return documents;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(fileURLToPath(new URL('..', import.meta.url)));
  const modules = ['../cli/dist/index.js', '../functions/dist/index.js'].map(
    (path) => new URL(path, import.meta.url).href,
  );
  const [cli, functions] = await Promise.all(modules.map((href) => import(href)));
  const documents = await generateDocuments({ ...cli, ...functions }, (path) => readFileSync(path, 'utf8'));
  for (const [path, text] of Object.entries(documents)) writeFileSync(path, text);
}
