import { readFileSync } from 'node:fs';
import { DEFAULT_DETECTION_CONFIG, type DetectionConfig, parseDetectionConfig } from '@weir/functions';
import { UsageError } from './errors.js';
import { reasonOf } from './results/result-file.js';

/** The detection settings in a JSON file, or the defaults. Throws a UsageError that names file, setting and remedy. */
export function loadDetectionConfig(path: string | undefined): DetectionConfig {
  if (path === undefined) return DEFAULT_DETECTION_CONFIG;
  const settings = parseJson(readText(path), path);
  try {
    return parseDetectionConfig(settings);
  } catch (error) {
    throw new UsageError(`"${path}": ${(error as Error).message} All settings: docs/operations.md.`);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UsageError(
      `cannot read "${path}": ${isMissing ? 'no such file' : reasonOf(error)}. Name another with --config.`,
    );
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`"${path}" is not JSON: ${lineOf(error)}. Correct it or leave --config out.`);
  }
}

/** What JSON.parse says, which quotes the text with its line breaks, in one line. */
function lineOf(error: unknown): string {
  return (error as Error).message.replaceAll(/\s+/g, ' ');
}
