import { readdirSync, readFileSync } from 'node:fs';
import { DEFAULT_DETECTION_CONFIG, DetectionConfig, detectorCards } from '@weir/functions';
import { describe, expect, it } from 'vitest';
import { detectionDocuments, FOLDER } from './detections.mjs';

const file = (path: string) => new URL(`../${path}`, import.meta.url);
const read = (path: string) => readFileSync(file(path), 'utf8');
const cards = detectorCards(DEFAULT_DETECTION_CONFIG.host);

describe('pages of detectors', () => {
  it('say what the program knows of itself (npm run docs writes them anew)', () => {
    const documents = detectionDocuments({ detectorCards, DetectionConfig, DEFAULT_DETECTION_CONFIG }, read);
    for (const [path, text] of Object.entries(documents)) expect(read(path), path).toBe(text);
    expect(readdirSync(file(FOLDER)).length).toBe(cards.length);
  });

  it('leave out nothing that an operator asks', () => {
    for (const { name, how, evadedBy, advice } of cards)
      expect([name, how !== undefined, evadedBy !== undefined, advice.length > 0]).toEqual([name, true, true, true]);
  });

  it('have a name each', () => {
    expect(new Set(cards.map(({ name }) => name)).size).toBe(cards.length);
  });
});
