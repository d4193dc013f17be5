import type { IncidentKind } from '@weir/contracts';
import type { TrafficOptions } from '../traffic/index.js';
import { detectTraffic } from './detected.js';

interface Attack {
  /** Detectors that look for it, by name. */
  readonly detectors: readonly string[];
  /** Kind of the incident that it should become. */
  readonly kind: IncidentKind;
  /** What is changed, in words with its unit. */
  readonly changed: string;
  /** What the attacker pays for the first step that is not told. */
  readonly price: string;
}

/** An attack of which one number is changed until it is not told any more. */
interface NumberSweep extends Attack {
  /** From plain to hidden, so that a later value is never easier to see. */
  readonly values: readonly number[];
  options(value: number): TrafficOptions;
}

/** An attack that is done in several ways. */
interface WaySweep extends Attack {
  /** By what the way is called, without commas; from plain to hidden. */
  readonly ways: Readonly<Record<string, TrafficOptions>>;
}

/** An attack that is changed, step by step. */
export type Sweep = NumberSweep | WaySweep;
/** One step of a sweep: a value, or the name of a way. */
export type Step = number | string;

/** What became of a sweep. */
export interface Measured {
  readonly sweep: Sweep;
  readonly told: readonly Step[];
  readonly untold: readonly Step[];
}

/** The steps of a sweep, from plain to hidden. */
export function stepsOf(sweep: Sweep): readonly Step[] {
  return 'ways' in sweep ? Object.keys(sweep.ways) : sweep.values;
}

/** Whether the attack, with this step, becomes an incident of its kind, whatever its severity. */
export async function isTold(sweep: Sweep, step: Step): Promise<boolean> {
  const options = 'ways' in sweep ? sweep.ways[step]! : sweep.options(Number(step));
  const { incidents } = await detectTraffic(options);
  return incidents.some((incident) => incident.kind === sweep.kind);
}

/** Tries all steps of a sweep. */
export async function measure(sweep: Sweep): Promise<Measured> {
  const told: Step[] = [];
  const untold: Step[] = [];
  for (const step of stepsOf(sweep)) ((await isTold(sweep, step)) ? told : untold).push(step);
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

function list(steps: readonly Step[]): string {
  return steps.length === 0 ? '–' : steps.map(stepText).join(', ');
}

/** A step as the table has it. */
export function stepText(step: Step): string {
  return step.toLocaleString('en');
}
