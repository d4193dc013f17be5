import type { DetectionConfig, Rules } from '@weir/functions';
import { loadDetectionConfig } from '../detection-config.js';
import type { OptionTable } from '../options/declaration.js';

/** Options of what is detected, for every command that detects. */
export const DETECTION_OPTIONS = {
  config: { type: 'text', value: 'FILE', description: 'Detection settings as JSON; what it leaves out keeps its default' },
  rules: { type: 'text', value: 'FILE', description: 'Thresholds, exceptions and lists of your own as YAML; docs/rules.md' },
} as const satisfies OptionTable; // biome-ignore format: one option a line

/** The settings in the files that are named. Throws a UsageError. */
export async function detectionConfigOf(files: {
  config?: string | undefined;
  rules?: string | undefined;
}): Promise<DetectionConfig> {
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
