import type { Sweep } from '../sweep.js';
import { CONTROL } from './control.js';
import { CREDENTIALS } from './credentials.js';
import { FLOODS } from './floods.js';
import { LEAVING } from './leaving-data.js';
import { LOCAL } from './network.js';
import { RECONNAISSANCE } from './reconnaissance.js';

/** All of them, in the order in which the document has them. */
export const SWEEPS: readonly Sweep[] = [
  ...RECONNAISSANCE,
  ...FLOODS,
  ...CREDENTIALS,
  ...CONTROL,
  ...LEAVING,
  ...LOCAL,
];
