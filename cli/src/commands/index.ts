import type { Command } from '../command.js';
import { type CommandGroup, helpOn } from './help.js';

/** A command as the overview shows it. What it is made of is loaded when it is called for: `weir help` needs none of it. */
export interface CommandEntry {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Heading that it stands under. */
  readonly group: CommandGroup;
  load(): Promise<Command>;
}

/** All commands, in the order of the overview. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'start',
    group: 'Look at traffic',
    summary: 'watch with the dashboard; without input, the capture that comes with Weir',
    load: async () => (await import('./start.js')).start,
  },
  {
    name: 'analyze',
    group: 'Look at traffic',
    summary: 'find incidents in a capture file, a flow table or on an interface',
    load: async () => (await import('./analyze.js')).analyze,
  },
  {
    name: 'rules',
    group: 'Look at traffic',
    summary: 'check a file of your own thresholds, exceptions and lists',
    load: async () => (await import('../rules/rules-command.js')).rules,
  },
  {
    name: 'interfaces',
    group: 'Look at traffic',
    summary: 'list the network interfaces that can be captured',
    load: async () => (await import('./interfaces.js')).interfaces,
  },
  {
    name: 'agent',
    group: 'Run a cluster',
    summary: 'capture and decode: send batches to Kafka, write them, or count',
    load: async () => (await import('./agent.js')).agent,
  },
  {
    name: 'functions',
    group: 'Run a cluster',
    summary: 'serve the functions to Apache Flink (Stateful Functions)',
    load: async () => (await import('./functions.js')).functions,
  },
  {
    name: 'dashboard',
    group: 'Run a cluster',
    summary: 'serve the dashboard of a cluster',
    load: async () => (await import('./dashboard.js')).dashboard,
  },
  {
    name: 'tail',
    group: 'Run a cluster',
    summary: 'follow what a cluster finds: incidents, flows, windows, health',
    load: async () => (await import('./tail.js')).tail,
  },
  {
    name: 'topics',
    group: 'Run a cluster',
    summary: "make Weir's topics in Kafka, or check them",
    load: async () => (await import('./topics.js')).topics,
  },
  {
    name: 'control',
    group: 'Run a cluster',
    summary: 'tell running sensors and functions what to do',
    load: async () => (await import('./control.js')).control,
  },
  {
    name: 'traffic',
    group: 'Try and measure',
    summary: 'make a labelled capture of benign traffic and an attack',
    load: async () => (await import('./traffic.js')).traffic,
  },
  {
    name: 'bench',
    group: 'Try and measure',
    summary: 'measure packets per CPU-second and memory, stage by stage',
    load: async () => (await import('./bench.js')).bench,
  },
  {
    name: 'eval',
    group: 'Try and measure',
    summary: 'measure detection on labelled captures',
    load: async () => (await import('./eval.js')).evaluate,
  },
  {
    name: 'models',
    group: 'Models',
    summary: 'list, choose, compare and roll back the models that score',
    load: async () => (await import('../models/models-command.js')).models,
  },
  {
    name: 'train',
    group: 'Models',
    summary: 'learn what is normal in a network, as models',
    load: async () => (await import('../models/train-command.js')).train,
  },
  {
    name: 'features',
    group: 'Models',
    summary: 'write the rows that models are trained on',
    load: async () => (await import('../models/features-command.js')).features,
  },
  {
    name: 'help',
    group: 'About Weir',
    summary: 'explain a command, with examples',
    load: async () => helpOn(COMMANDS),
  },
  {
    name: 'version',
    group: 'About Weir',
    summary: 'print the version of Weir and of Node.js',
    load: async () => (await import('./version.js')).version,
  },
];
