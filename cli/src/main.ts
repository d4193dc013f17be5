import { type Io, outputOf } from './io.js';
import { watchOutputs } from './lost-outputs.js';
import { run } from './run.js';
import { inlineLess } from './v8-flags.js';

const EXIT_ON_SECOND_INTERRUPT = 130;

/** Entry of the `weir` command: wires the process to `run` and ends it with the exit code. */
export async function main(): Promise<void> {
  inlineLess();
  const stopping = stopOnInterrupt();
  const { stdout, stderr } = process;
  const stop = () => stopping.abort();
  watchOutputs({ stdout, stderr, stop, exit: (code) => process.exit(code), tell: (text) => void stderr.write(text) });
  const io: Io = {
    stdout: outputOf(stdout),
    stderr: outputOf(stderr),
    env: process.env,
    stop: stopping.signal,
    elapsedMs: () => performance.now(),
    nowMs: () => Date.now(),
  };
  const code = await run(process.argv.slice(2), io);
  // Not process.exit at once: what was written must reach a slow reader first.
  process.exitCode = code;
  process.stdout.write('', () => process.exit(code));
}

/** The first interrupt asks for an orderly end, the second ends at once. */
function stopOnInterrupt(): AbortController {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(EXIT_ON_SECOND_INTERRUPT);
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return controller;
}
