/** An option of a command. Parsing, checks and the help page all follow from its declaration. */
export type OptionDeclaration = FlagDeclaration | TextDeclaration | NumberDeclaration;

interface Described {
  readonly description: string;
}

/** On when given; `--no-NAME` turns off one that is on by default. */
export interface FlagDeclaration extends Described {
  readonly type: 'flag';
  readonly default?: boolean;
}

export interface TextDeclaration extends Described {
  readonly type: 'text';
  /** What stands for the value in help, such as `FILE`. */
  readonly value: string;
  readonly default?: string;
  /** The only values allowed. */
  readonly choices?: readonly string[];
}

export interface NumberDeclaration extends Described {
  readonly type: 'integer' | 'number';
  readonly value: string;
  readonly unit?: string;
  readonly default?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Options by name without the dashes. */
export type OptionTable = Readonly<Record<string, OptionDeclaration>>;

/** The type of an option's value after parsing. */
export type OptionValue<D extends OptionDeclaration> = D extends FlagDeclaration
  ? boolean
  : (D extends NumberDeclaration ? number : string) | (D extends { default: string | number } ? never : undefined);

/** The values of all options of a table. */
export type OptionValues<T extends OptionTable> = { readonly [K in keyof T]: OptionValue<T[K]> };
