import { parseArgs } from 'node:util';
import { ATTACKS } from './attacks/index.js';

/** What the command was asked to do. */
export type Request =
  | { readonly kind: 'list' }
  | { readonly kind: 'help' }
  | { readonly kind: 'remove' }
  | { readonly kind: 'install'; readonly isAgreed: boolean }
  | ({ readonly kind: 'run' } & RunOptions);

/** One run of the laboratory. */
export interface RunOptions {
  /** How long the day is, in event time. */
  readonly minutes: number;
  /** Pauses in which nothing runs are cut short, and put back into the times of the capture. */
  readonly isCompressed: boolean;
  readonly folder: string;
  readonly attacks: readonly string[];
  /** Only what fits a capture of a few hundred kilobytes. */
  readonly isLight: boolean;
  readonly seed: number;
}

/** What `--help` prints. */
export const USAGE = `npm run lab -- [options]        (Linux, root)

Builds a network of namespaces, works and attacks in it with real programs, and writes
capture.pcap, truth.csv and run.json. No packet leaves the machine.

  --minutes N        length of the run (10)
  --hours N          the same in hours; pauses in which nothing runs are cut short and put back
                     into the times of the capture. Needs --benign-only
  --out DIR          where to write (.weir/lab)
  --only A,B         these attacks only; --list names them
  --benign-only      no attack
  --light            only the work that fits a small capture
  --seed N           what chances follow from (1)
  --list             attacks and work, with the programs they need
  --install          install the Debian packages that are missing; asks first, --yes agrees
  --remove           remove what a run that was killed left behind
`;

const OPTIONS = {
  minutes: { type: 'string' },
  hours: { type: 'string' },
  out: { type: 'string', default: '.weir/lab' },
  only: { type: 'string' },
  'benign-only': { type: 'boolean', default: false },
  light: { type: 'boolean', default: false },
  seed: { type: 'string', default: '1' },
  list: { type: 'boolean', default: false },
  install: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  remove: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Reads the command line. Throws with what is wrong and what to write instead. */
export function parseRequest(args: readonly string[]): Request {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help) return { kind: 'help' };
  if (values.list) return { kind: 'list' };
  if (values.remove) return { kind: 'remove' };
  if (values.install) return { kind: 'install', isAgreed: values.yes };
  if (values.hours !== undefined && !values['benign-only']) {
    throw new Error(
      '--hours cuts pauses short, which would change the pace of attacks. Add --benign-only, or use --minutes.',
    );
  }
  return {
    kind: 'run',
    minutes:
      values.hours === undefined
        ? number('minutes', values.minutes ?? '10', 240)
        : 60 * number('hours', values.hours, 24),
    isCompressed: values.hours !== undefined,
    folder: values.out,
    attacks: values['benign-only'] ? [] : attackNames(values.only),
    isLight: values.light,
    seed: Number(values.seed),
  };
}

function number(name: string, text: string, most: number): number {
  const value = Number(text);
  if (!(value > 0 && value <= most))
    throw new Error(`--${name} takes a number above 0 and up to ${most}, not "${text}".`);
  return value;
}

function attackNames(only: string | undefined): string[] {
  const all = ATTACKS.map(({ name }) => name);
  if (only === undefined) return all;
  const wanted = only.split(',');
  const unknown = wanted.filter((name) => !all.includes(name));
  if (unknown.length > 0)
    throw new Error(`there is no attack ${unknown.join(', ')}. npm run lab -- --list names them.`);
  return wanted;
}
