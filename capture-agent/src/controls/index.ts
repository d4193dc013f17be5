export { type ControlOutcome, obeyControl } from './capture-controls.js';
export {
  type CaptureControls,
  type CaptureTarget,
  ControlledSource,
  ControlRefused,
  type OpenLive,
} from './controlled-source.js';
export { PauseGate } from './pause-gate.js';
