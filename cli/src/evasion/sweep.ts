import type { IncidentKind } from '@weir/contracts';
import type { TrafficOptions } from '../traffic/index.js';
import { detectTraffic } from './detected.js';

/** An attack of which one number is changed, step by step, until it is not told any more. */
export interface Sweep {
  /** Detectors that look for it, by name. */
  readonly detectors: readonly string[];
  /** Kind of the incident that it should become. */
  readonly kind: IncidentKind;
  /** The number that is changed, in words with its unit. */
  readonly changed: string;
  /** From plain to hidden, so that a later value is never easier to see. */
  readonly values: readonly number[];
  options(value: number): TrafficOptions;
  /** What the attacker pays for the first value that is not told. */
  readonly price: string;
}

/** What became of a sweep. */
export interface Measured {
  readonly sweep: Sweep;
  readonly told: readonly number[];
  readonly untold: readonly number[];
}

/** Whether the attack, with this value, becomes an incident of its kind, whatever its severity. */
export async function isTold({ kind, options }: Sweep, value: number): Promise<boolean> {
  const { incidents } = await detectTraffic(options(value));
  return incidents.some((incident) => incident.kind === kind);
}

/** Tries all values of a sweep. */
export async function measure(sweep: Sweep): Promise<Measured> {
  const told: number[] = [];
  const untold: number[] = [];
  for (const value of sweep.values) ((await isTold(sweep, value)) ? told : untold).push(value);
  return { sweep, told, untold };
}

/** The table of the document. */
export function evasionTable(results: readonly Measured[]): string {
  const rows = results.map(({ sweep, told, untold }) => {
    const cells = [
      sweep.detectors.join(', '),
      sweep.changed,
      list(told),
      list(untold),
      untold.length > 0 ? sweep.price : '–',
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return ['| Detector | What is changed | Told | Not told | What that costs |', '|---|---|---|---|---|', ...rows].join(
    '\n',
  );
}

function list(values: readonly number[]): string {
  return values.length === 0 ? '–' : values.map((value) => value.toLocaleString('en')).join(', ');
}
