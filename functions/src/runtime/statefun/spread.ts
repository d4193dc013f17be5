import type { ServeOptions } from './serve.js';
import { readSettings } from './written-settings.js';

/**
 * Why a state that was written with the settings in `bytes` must not be gone on with: with another number of partitions each
 * host, and each incident, lies elsewhere, and what is known of it would be left behind without a word. Undefined when the
 * numbers are the same, or when the settings cannot be read, as of another release.
 */
export function spreadRefusal(bytes: Uint8Array, now: ServeOptions): string | undefined {
  const then = partitionsUnder(bytes, now);
  const { hostPartitions, incidentPartitions } = now.settings;
  if (!then || (then.hostPartitions === hostPartitions && then.incidentPartitions === incidentPartitions))
    return undefined;
  return (
    `it is of ${then.hostPartitions} host and ${then.incidentPartitions} incident partitions, and the functions run with ` +
    `${hostPartitions} and ${incidentPartitions}. Set WEIR_HOST_PARTITIONS=${then.hostPartitions} and ` +
    `WEIR_INCIDENT_PARTITIONS=${then.incidentPartitions} again, or begin anew as docs/cluster.md says.`
  );
}

function partitionsUnder(bytes: Uint8Array, now: ServeOptions): ServeOptions['settings'] | undefined {
  try {
    return readSettings(bytes, now).settings;
  } catch {
    return undefined;
  }
}
