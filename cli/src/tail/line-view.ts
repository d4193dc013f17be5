import type { TailView, ViewOptions } from './tail-view.js';

/** Shows each record on a line of its own: as it was written, or in the words of `say`. */
export function lineView<T>(
  parse: (text: string) => T,
  say: (record: T) => string,
): (options: ViewOptions) => TailView {
  return ({ isJson, print }) => ({
    take: (record) => {
      const parsed = parse(record);
      print(`${isJson ? JSON.stringify(parsed) : withoutControls(say(parsed))}\n`);
      return true;
    },
    finish: () => undefined,
  });
}

/** What a network wrote must not steer the terminal. */
function withoutControls(text: string): string {
  return text.replace(/\p{Cc}/gu, '·');
}
