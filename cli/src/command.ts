import type { Io } from './io.js';
import type { OptionTable, OptionValues } from './options/declaration.js';

/** One command of `weir`, with all that its help page says. */
export interface Command<T extends OptionTable = OptionTable> {
  readonly name: string;
  /** Operands as shown in the usage line, such as `[FILE|-]`; empty for none. */
  readonly usage: string;
  /** Most operands it takes. */
  readonly maxOperands: number;
  readonly description: string;
  readonly options: T;
  readonly examples: readonly { line: string; meaning: string }[];
  /** Does the work and gives the exit code. Throws UsageError or SourceError for what the user can cure. */
  run(call: Call<T>): Promise<number>;
}

/** One call of a command. */
export interface Call<T extends OptionTable = OptionTable> {
  readonly options: OptionValues<T>;
  readonly operands: readonly string[];
  readonly io: Io;
}

/** Keeps the types of a command's options while it is declared. */
export function defineCommand<const T extends OptionTable>(command: Command<T>): Command {
  return command as unknown as Command;
}
