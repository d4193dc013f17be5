import { type Static, Type } from '@sinclair/typebox';
import { INCIDENT_KINDS, SEVERITIES, WINDOW_LENGTHS_S } from '@weir/contracts';

/** What users say themselves, beside the detectors: `weir analyze --rules FILE`. docs/rules.md shows a file of them. */

const strict = { additionalProperties: false } as const;
const oneOf = <T extends string | number>(values: readonly T[]) =>
  Type.Union(values.map((value) => Type.Literal(value)));
const Name = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,63}$',
  description: 'A name of lower-case letters, digits and dashes',
});
const Description = Type.String({
  minLength: 1,
  maxLength: 500,
  description: 'Why it is there, for those who read it later',
});
/** An address or CIDR block; checked by the loader. */
const Block = Type.String({
  minLength: 2,
  maxLength: 64,
  description: 'An address such as 10.0.0.5, or a block such as 10.0.0.0/8',
});
const Blocks = Type.Array(Block, { minItems: 1, maxItems: 1024 });

/** One measure of a window and a bound that it passes. */
export const Condition = Type.Object(
  {
    measure: Type.String({ description: 'A measure of a window of a host; docs/rules.md lists them' }),
    above: Type.Optional(Type.Number({ minimum: 0, description: 'It must be more than this' })),
    below: Type.Optional(Type.Number({ minimum: 0, description: 'It must be less than this' })),
  },
  strict,
);
export type Condition = Static<typeof Condition>;

/** A threshold over the windows of single hosts. */
export const ThresholdRule = Type.Object(
  {
    name: Name,
    description: Description,
    windowS: oneOf(WINDOW_LENGTHS_S),
    when: Type.Array(Condition, { minItems: 1, maxItems: 8, description: 'All of these, in one window' }),
    hosts: Type.Optional(Blocks),
    severity: Type.Optional(oneOf(SEVERITIES)),
    advice: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 500 }), { maxItems: 8 })),
  },
  strict,
);
export type ThresholdRule = Static<typeof ThresholdRule>;

/** Findings that are not to be told: those that all of its fields fit. */
export const RuleException = Type.Object(
  {
    description: Description,
    kinds: Type.Optional(Type.Array(oneOf(INCIDENT_KINDS), { minItems: 1 })),
    sources: Type.Optional(Blocks),
    targets: Type.Optional(Blocks),
    domains: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 253 }), { minItems: 1, maxItems: 1024 })),
  },
  strict,
);
export type RuleException = Static<typeof RuleException>;

/** What an entry of a list is. */
export const INDICATOR_TYPES = ['address', 'domain', 'ja4'] as const;

/** Addresses (or blocks), domains (with all below them) or JA4 fingerprints that are told wherever they are met. */
export const IndicatorList = Type.Object(
  {
    name: Name,
    description: Type.Optional(Description),
    type: oneOf(INDICATOR_TYPES),
    severity: Type.Optional(oneOf(SEVERITIES)),
    entries: Type.Array(Type.String({ maxLength: 253 }), { maxItems: 1_000_000 }),
  },
  strict,
);
export type IndicatorList = Static<typeof IndicatorList>;

/** Everything in a rule file, with the entries of its lists read. */
export const Rules = Type.Object(
  {
    thresholds: Type.Array(ThresholdRule, { maxItems: 256 }),
    exceptions: Type.Array(RuleException, { maxItems: 1024 }),
    lists: Type.Array(IndicatorList, { maxItems: 64 }),
  },
  { $id: 'Rules', description: 'What users say themselves', ...strict },
);
export type Rules = Static<typeof Rules>;

/** No rules. */
export const NO_RULES: Rules = { thresholds: [], exceptions: [], lists: [] };
