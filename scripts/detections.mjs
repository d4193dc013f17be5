/**
 * One page for each detector in docs/detections, from what the program itself knows of it, and the list of them in
 * docs/detections.md. `npm run docs` writes them; a test compares them.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { replacePart } from './docs.mjs';

export const FOLDER = 'docs/detections';
export const LIST = 'docs/detections.md';

/**
 * @typedef {{ id: string, name: string }} Technique
 * @typedef {object} Card
 * @property {string} name
 * @property {string} kind
 * @property {string} sees
 * @property {string} [how]
 * @property {string} blindTo
 * @property {string} [evadedBy]
 * @property {string} [settings]
 * @property {readonly Technique[]} techniques
 * @property {readonly string[]} advice
 * @typedef {{ properties?: Record<string, Schema>, [keyword: string]: any }} Schema
 */

/**
 * The pages by path, and the list.
 * @param {readonly Card[]} cards
 * @param {Schema} hostSettings
 * @returns {{ pages: Record<string, string>, list: string }}
 */
export function detectionPages(cards, hostSettings) {
  const pages = Object.fromEntries(cards.map((card) => [`${FOLDER}/${card.name}.md`, page(card, hostSettings)]));
  const rows = cards.map(
    ({ name, kind, sees }) => `| [${name}](detections/${name}.md) | \`${kind}\` | ${sees.replaceAll('|', '\\|')} |`,
  );
  return { pages, list: ['| Detector | Incident | Sees |', '|---|---|---|', ...rows].join('\n') };
}

/**
 * @param {Card} card
 * @param {Schema} hostSettings
 */
function page(card, hostSettings) {
  const { name, kind, sees, how, blindTo, evadedBy, techniques, advice } = card;
  const attack = techniques.map((technique) => `[${technique.id}](${linkOf(technique.id)}) ${technique.name}`);
  const parts = [
    `# ${name}`,
    `Makes incidents of kind \`${kind}\`.`,
    `## What it sees\n${sees}`,
    how ? `## How\n${how}` : '',
    thresholds(card, hostSettings),
    `## Blind spots\n${blindTo}`,
    evadedBy ? `## Cheapest evasion\n${evadedBy}` : '',
    attack.length > 0 ? `## ATT&CK\n${attack.map((line) => `- ${line}`).join('\n')}` : '',
    `## What to do\n${advice.map((line, k) => `${k + 1}. ${line}`).join('\n')}`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** @param {string} id */
function linkOf(id) {
  return `https://attack.mitre.org/techniques/${id.replace('.', '/')}/`;
}

/**
 * @param {Card} card
 * @param {Schema} hostSettings
 */
function thresholds({ name, settings }, hostSettings) {
  const section = settings ?? name.replace(/-./g, (dash) => dash[1]?.toUpperCase() ?? '');
  const schema = hostSettings.properties?.[section];
  if (!schema?.properties) return '';
  const rows = settingRows(schema, `host.${section}`).map((cells) => `| ${cells.join(' | ')} |`);
  return ['## Thresholds', '| Setting | Default | Unit | Meaning |', '|---|---|---|---|', ...rows].join('\n');
}

/**
 * @param {Schema} schema
 * @param {string} path
 * @returns {string[][]}
 */
function settingRows(schema, path) {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const full = `${path}.${name}`;
    if (!inner.properties) return [[`\`${full}\``, JSON.stringify(inner.default), inner.unit ?? '', inner.description]];
    return settingRows(inner, full).map(([setting, value, unit, meaning]) => [
      setting ?? '',
      value ?? '',
      unit ?? '',
      `${inner.description}: ${(meaning ?? '').toLowerCase()}`,
    ]);
  });
}

/**
 * What is written, by path; and pages of detectors that are no more.
 * @param {{ detectorCards: (config: any) => readonly Card[], DetectionConfig: Schema, DEFAULT_DETECTION_CONFIG: any }} functions
 * @param {(path: string) => string} read
 */
export function detectionDocuments({ detectorCards, DetectionConfig, DEFAULT_DETECTION_CONFIG }, read) {
  const cards = detectorCards(DEFAULT_DETECTION_CONFIG.host);
  const { pages, list } = detectionPages(cards, DetectionConfig.properties?.host ?? {});
  return { ...pages, [LIST]: replacePart(read(LIST), 'detectors', list) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(fileURLToPath(new URL('..', import.meta.url)));
  const functions = await import(new URL('../functions/dist/index.js', import.meta.url).href);
  const documents = detectionDocuments(functions, (path) => readFileSync(path, 'utf8'));
  mkdirSync(FOLDER, { recursive: true });
  for (const name of readdirSync(FOLDER)) if (!(`${FOLDER}/${name}` in documents)) rmSync(`${FOLDER}/${name}`);
  for (const [path, text] of Object.entries(documents)) writeFileSync(path, text);
}
