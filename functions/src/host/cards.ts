import { DistinctSets } from '../features/distinct-sets.js';
import type { HostConfig } from './config.js';
import { createKeyedDetectors, type DetectorCard, HOST_DETECTORS } from './detectors/index.js';
import { SENSOR_CLOCK, SENSOR_LAG } from './sensor-clocks.js';
import { ONE_SIDED } from './sensor-sides.js';
import { DEGRADED, SENSOR_LOSS } from './sensor-state.js';
import { SENSOR_SILENT } from './silence.js';

/** What is known of every detector, in the order of the lists that they stand in: for documentation. */
export function detectorCards(config: HostConfig): readonly DetectorCard[] {
  const sets = new DistinctSets({ maxSets: 1, maxSketches: 1 });
  const ofSensors = [SENSOR_SILENT, SENSOR_LOSS, ONE_SIDED, SENSOR_LAG, SENSOR_CLOCK, DEGRADED];
  return [...HOST_DETECTORS, ...createKeyedDetectors(config, sets), ...ofSensors];
}
