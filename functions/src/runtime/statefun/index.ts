import type { ServeOptions } from './serve.js';
import type { StatefunServer } from './server.js';

export type { Log } from './log.js';
export type { ServedModels } from './score-binding.js';
export type { ServeOptions } from './serve.js';
export type { StatefunServer } from './server.js';
export { KnownSensor, parseSensors, parseStatefunSettings, StatefunSettings } from './settings.js';

/**
 * A server of all functions for Flink (Stateful Functions). The SDK is loaded only now, as nothing else needs it and it
 * would slow every start of the command.
 */
export async function createStatefunServer(options: ServeOptions): Promise<StatefunServer> {
  const { createStatefunServer: create } = await import('./serve.js');
  return create(options);
}
