import type { DetectionConfig, Rules } from '@weir/functions';
import { loadDetectionConfig } from '../detection-config.js';
import type { Io } from '../io.js';
import type { OptionTable } from '../options/declaration.js';

/** Options of what is detected, for every command that detects. */
export const DETECTION_OPTIONS = {
  config: { type: 'text', value: 'FILE', description: 'Detection settings as JSON; what it leaves out keeps its default' },
  rules: { type: 'text', value: 'FILE', description: 'Thresholds, exceptions and lists of your own as YAML; docs/rules.md' },
} as const satisfies OptionTable; // biome-ignore format: one option a line

/** Files that say what is detected; undefined where the defaults count. */
export interface DetectionFiles {
  readonly config?: string | undefined;
  readonly rules?: string | undefined;
}

/** The files that options name, else the environment: WEIR_CONFIG and WEIR_RULES. Empty variables say nothing. */
export function detectionFilesOf(options: DetectionFiles, env: Io['env']): DetectionFiles {
  return {
    config: options.config ?? (env.WEIR_CONFIG || undefined),
    rules: options.rules ?? (env.WEIR_RULES || undefined),
  };
}

/** The settings in the files that are named. Rejects with a UsageError. */
export async function detectionConfigOf(files: DetectionFiles): Promise<DetectionConfig> {
  const config = loadDetectionConfig(files.config);
  if (files.rules === undefined) return config;
  // Not before it is needed: to load the reader of YAML takes longer than most commands.
  const { loadRules } = await import('./load-rules.js');
  return withRules(config, loadRules(files.rules));
}

/** `config` with `rules` instead of those that it has. */
export function withRules(config: DetectionConfig, { thresholds, exceptions, lists }: Rules): DetectionConfig {
  return {
    ...config,
    host: { ...config.host, rules: thresholds, lists },
    incident: { ...config.incident, exceptions },
  };
}
