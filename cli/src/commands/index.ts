import type { Command } from '../command.js';
import { features } from '../models/features-command.js';
import { models } from '../models/models-command.js';
import { train } from '../models/train-command.js';
import { agent } from './agent.js';
import { analyze } from './analyze.js';
import { bench } from './bench.js';
import { control } from './control.js';
import { dashboard } from './dashboard.js';
import { evaluate } from './eval.js';
import { functions } from './functions.js';
import { helpOn } from './help.js';
import { interfaces } from './interfaces.js';
import { start } from './start.js';
import { tail } from './tail.js';
import { topics } from './topics.js';
import { traffic } from './traffic.js';
import { version } from './version.js';

const help = helpOn(() => COMMANDS);

/** All commands, in the order of the overview. */
export const COMMANDS: readonly Command[] = [
  start,
  analyze,
  agent,
  functions,
  dashboard,
  tail,
  topics,
  control,
  interfaces,
  traffic,
  bench,
  evaluate,
  models,
  train,
  features,
  help,
  version,
];
