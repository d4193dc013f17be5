/** Attacks that are made harder to see, step by step, and from which step on they are not seen. */
export { type Detected, detectTraffic } from './detected.js';
export { evasionTable, isTold, type Measured, measure, type Step, type Sweep, stepsOf, stepText } from './sweep.js';
export { SWEEPS } from './sweeps/index.js';
