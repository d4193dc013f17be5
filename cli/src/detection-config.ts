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
    throw new UsageError(`"${path}": ${(error as Error).message}`);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read "${path}": ${reasonOf(error)}. Name another file with --config.`);
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`"${path}" is not JSON: ${(error as Error).message}. Correct it or leave --config out.`);
  }
}
