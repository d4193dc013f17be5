import type { Command } from '../command.js';
import { helpOn } from './help.js';

/** A command as the overview shows it. What it is made of is loaded when it is called for: `weir help` needs none of it. */
export interface CommandEntry {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  load(): Promise<Command>;
}

/** All commands, in the order of the overview. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'start',
    summary: 'watch with the dashboard; without input, the capture that comes with Weir',
    load: async () => (await import('./start.js')).start,
  },
  {
    name: 'analyze',
    summary: 'find incidents in a capture file, a flow table or on an interface',
    load: async () => (await import('./analyze.js')).analyze,
  },
  {
    name: 'agent',
    summary: 'capture and decode: send batches to Kafka, write them, or count',
    load: async () => (await import('./agent.js')).agent,
  },
  {
    name: 'functions',
    summary: 'serve the functions to Apache Flink (Stateful Functions)',
    load: async () => (await import('./functions.js')).functions,
  },
  {
    name: 'dashboard',
    summary: 'serve the dashboard of a cluster',
    load: async () => (await import('./dashboard.js')).dashboard,
  },
  {
    name: 'tail',
    summary: 'follow what a cluster finds: incidents, flows, windows, health',
    load: async () => (await import('./tail.js')).tail,
  },
  {
    name: 'topics',
    summary: "make Weir's topics in Kafka, or check them",
    load: async () => (await import('./topics.js')).topics,
  },
  {
    name: 'control',
    summary: 'tell running sensors and functions what to do',
    load: async () => (await import('./control.js')).control,
  },
  {
    name: 'interfaces',
    summary: 'list the network interfaces that can be captured',
    load: async () => (await import('./interfaces.js')).interfaces,
  },
  {
    name: 'traffic',
    summary: 'make a labelled capture of benign traffic and an attack',
    load: async () => (await import('./traffic.js')).traffic,
  },
  {
    name: 'bench',
    summary: 'measure packets per CPU-second and memory, stage by stage',
    load: async () => (await import('./bench.js')).bench,
  },
  {
    name: 'eval',
    summary: 'measure detection on labelled captures',
    load: async () => (await import('./eval.js')).evaluate,
  },
  {
    name: 'models',
    summary: 'list, choose, compare and roll back the models that score',
    load: async () => (await import('../models/models-command.js')).models,
  },
  {
    name: 'train',
    summary: 'learn what is normal in a network, as models',
    load: async () => (await import('../models/train-command.js')).train,
  },
  {
    name: 'features',
    summary: 'write the rows that models are trained on',
    load: async () => (await import('../models/features-command.js')).features,
  },
  {
    name: 'help',
    summary: 'explain a command, with examples',
    load: async () => helpOn(COMMANDS),
  },
  {
    name: 'version',
    summary: 'print the version of Weir and of Node.js',
    load: async () => (await import('./version.js')).version,
  },
];
