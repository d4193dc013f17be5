import { statSync } from 'node:fs';
import { SourceError } from '@weir/capture-agent';
import { UntilStopped } from './until-stopped.js';

/**
 * What `opening` the input at `path` gives. A pipe may say nothing for ever: it is not waited for once `stop` is aborted.
 * Rejects with a SourceError then.
 */
export async function untilOpen<T extends object>(path: string, stop: AbortSignal, opening: Promise<T>): Promise<T> {
  if (isFile(path)) return opening;
  const opened = await new UntilStopped(stop).wait(opening);
  if (opened) return opened;
  throw new SourceError(`stopped before ${path === '-' ? 'standard input' : `"${path}"`} said anything.`);
}

function isFile(path: string): boolean {
  return path !== '-' && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
