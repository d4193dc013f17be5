import type { Evidence } from '@weir/contracts';
import { measured, percent, short } from '../../formats/numbers.js';

/** How far past its threshold a measurement went, as a ratio of at least 0; 0 where there is no threshold. */
export function weight({ value, normal, threshold }: Evidence): number {
  if (threshold === undefined) return 0;
  const mattersWhenLow = normal !== undefined && normal > threshold;
  const [over, under] = mattersWhenLow ? [threshold, value] : [value, threshold];
  if (under > 0) return over / under;
  return over > 0 ? Number.POSITIVE_INFINITY : 0;
}

/** Evidence with what mattered most first; what has no threshold last, in the order given. */
export function byWeight(evidence: readonly Evidence[]): Evidence[] {
  return evidence.toSorted((a, b) => {
    const [first, second] = [weight(a), weight(b)];
    return first === second ? 0 : second - first;
  });
}

/** A value of a piece of evidence with its unit; what is called a share is shown in per cent. */
export function shown({ measure, unit }: Evidence, value: number | undefined): string {
  if (value === undefined) return '—';
  return unit === '1' && /^share\b/.test(measure) ? percent(value) : measured(value, unit);
}

/** `16.8 × the threshold`; undefined where there is none or it was not reached. */
export function timesThreshold(evidence: Evidence): string | undefined {
  const times = weight(evidence);
  if (times < 1) return undefined;
  if (!Number.isFinite(times)) return 'beyond a threshold of none';
  return `${times >= 10 ? short(Math.round(times)) : times.toFixed(1)} × the threshold`;
}
