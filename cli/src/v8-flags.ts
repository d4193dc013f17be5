import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode that V8 puts into one function at most when it compiles it; its own default is 920. */
const MOST_INLINED_BYTES = 150;
/** How much what V8 manages may grow, over what was live, before it collects all of it; its own default is some 100 to 300. Unit: %. */
const HEAP_GROWTH_PERCENT = 500;
/** Versions of Node.js in which the flags are known; of one that is not, V8 complains on standard error. */
const LAST_KNOWN_MAJOR = 24;

/**
 * Weir is many small functions of which none has a large share of the time. V8 compiles each with much of what it calls
 * inside, several times over, and a run of seconds is over before that pays (docs/decisions/016-less-inlining.md).
 */
export function inlineLess(): void {
  setFlag(`--max-inlined-bytecode-size-cumulative=${MOST_INLINED_BYTES}`);
}

/**
 * For a process through which megabytes of messages go and in which little else lives. The messages' memory counts for V8 as
 * what has grown, so it would go through all that lives for each few of them (docs/decisions/018-collected-less-often.md).
 */
export function collectLessOften(): void {
  setFlag(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
}

function setFlag(flag: string): void {
  if (Number.parseInt(process.versions.node, 10) <= LAST_KNOWN_MAJOR) setFlagsFromString(flag);
}
