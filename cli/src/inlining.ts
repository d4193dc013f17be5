import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode that V8 puts into one function at most when it compiles it; its own default is 920. */
const MOST_INLINED_BYTES = 150;
/** Versions of Node.js in which the flag is known; of one that is not, V8 complains on standard error. */
const LAST_KNOWN_MAJOR = 24;

/**
 * Weir is many small functions of which none has a large share of the time. V8 compiles each with much of what it calls
 * inside, several times over, and a run of seconds is over before that pays (docs/decisions/016-less-inlining.md).
 */
export function inlineLess(): void {
  if (Number.parseInt(process.versions.node, 10) <= LAST_KNOWN_MAJOR)
    setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${MOST_INLINED_BYTES}`);
}
