import { WINDOW_LENGTHS_S } from '@weir/contracts';
import { type HostDetector, readable } from '../host/detectors/detector.js';
import { FIELD } from '../host/fields.js';
import type { HostWindow } from '../host/host-window.js';
import { AddressBlocks } from './address-blocks.js';
import { MEASURES } from './measures.js';
import type { Condition, ThresholdRule } from './rules.js';

/** The detector that a user's threshold makes. Throws a RangeError for a measure that there is not. */
export function thresholdDetector(rule: ThresholdRule): HostDetector {
  const { name, description, when, hosts, severity = 'medium', advice = [] } = rule;
  const blocks = hosts && new AddressBlocks(hosts);
  const conditions = when.map(compile);
  const lengthS = rule.windowS;
  return {
    name: `rule-${name}`,
    kind: 'rule',
    sees: description,
    blindTo: 'What it does not measure.',
    techniques: [],
    advice: advice.length > 0 ? [...advice] : [`Look why the rule "${name}" is there: ${description}`],
    windows: [WINDOW_LENGTHS_S.indexOf(lengthS)],
    gate: { anyOf: [FIELD.contributions], least: () => 1 },
    // In a window that is not over, everything is still below its bound.
    onlyAtEnd: when.some(({ below }) => below !== undefined),
    magnitude: (window) => {
      if (blocks && blocks.findText(window.address) === undefined) return 0;
      return Math.min(...conditions.map(({ magnitude }) => magnitude(window)));
    },
    argue: (window) => ({
      entity: `${window.address} ${name}`,
      severity,
      confidence: 0.9,
      startUs: window.startS * 1e6,
      endUs: (window.startS + lengthS) * 1e6,
      sources: [window.address],
      targets: [],
      title: `${window.address} breaks the rule ${name}`,
      summary: `In ${lengthS} s, of ${window.address}: ${conditions.map(({ say }) => say(window)).join('; ')}. ${description}`,
      evidence: conditions.map(({ evidence }) => evidence(window)),
      counterfactual: `One of the bounds of the rule "${name}" kept.`,
      flows: [],
    }),
  };
}

/** A condition with what it says of a window. */
function compile({ measure: name, above, below }: Condition) {
  const measure = MEASURES[name];
  if (!measure) throw new RangeError(`there is no measure "${name}".`);
  const { unit, meaning } = measure;
  const bound = above ?? below!;
  return {
    magnitude: (window: HostWindow) => magnitudeOf(measure.of(window), above, below),
    say: (window: HostWindow) => `${name} is ${readable(measure.of(window))}`,
    evidence: (window: HostWindow) => ({ measure: meaning, unit, value: measure.of(window), threshold: bound }),
  };
}

/** Measured over threshold; 0 where a bound is kept. */
function magnitudeOf(value: number, above: number | undefined, below: number | undefined): number {
  if (above !== undefined && value <= above) return 0;
  if (below !== undefined && value >= below) return 0;
  return above ? value / above : 1;
}
