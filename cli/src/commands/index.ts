import type { Command } from '../command.js';
import { agent } from './agent.js';
import { analyze } from './analyze.js';
import { bench } from './bench.js';
import { helpOn } from './help.js';
import { interfaces } from './interfaces.js';
import { traffic } from './traffic.js';
import { version } from './version.js';

const help = helpOn(() => COMMANDS);

/** All commands, in the order of the overview. */
export const COMMANDS: readonly Command[] = [analyze, agent, interfaces, traffic, bench, help, version];
