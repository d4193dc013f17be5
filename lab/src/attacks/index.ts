import type { Attack } from './attack.js';
import { CONTROL_AND_THEFT } from './control.js';
import { CREDENTIALS } from './credentials.js';
import { FLOODS } from './floods.js';
import { LOCAL } from './local.js';
import { RECONNAISSANCE } from './reconnaissance.js';
import { REMOTE_CALLS } from './remote-calls.js';

export { type Attack, isOutsideAttacker } from './attack.js';

/** Every attack, in the order in which a run carries them out. */
export const ATTACKS: readonly Attack[] = [
  ...RECONNAISSANCE,
  ...CREDENTIALS,
  ...CONTROL_AND_THEFT,
  ...LOCAL,
  ...REMOTE_CALLS,
  ...FLOODS,
];
