import type { Alert } from '@weir/contracts';
import { AddressBlocks } from './address-blocks.js';
import type { RuleException } from './rules.js';

type Told = Pick<Alert, 'kind' | 'sources' | 'targets' | 'domain'>;
type Fits = (alert: Told) => boolean;

/** Whether a finding is one that users do not want to be told: all that an exception names must fit it. */
export class Exceptions {
  private readonly all: readonly Fits[];

  /** Throws a RangeError that names a text which is no address and no block. */
  constructor(exceptions: readonly RuleException[]) {
    this.all = exceptions.map(compile);
  }

  cover(alert: Told): boolean {
    return this.all.some((fits) => fits(alert));
  }
}

const known = new WeakMap<readonly RuleException[], Exceptions>();

/** The exceptions, compiled once for each configuration. */
export function exceptionsOf(exceptions: readonly RuleException[]): Exceptions {
  let compiled = known.get(exceptions);
  if (compiled === undefined) {
    compiled = new Exceptions(exceptions);
    known.set(exceptions, compiled);
  }
  return compiled;
}

function compile({ kinds, sources, targets, domains }: RuleException): Fits {
  const conditions: Fits[] = [];
  if (kinds) conditions.push(({ kind }) => kinds.includes(kind));
  if (sources) conditions.push(allIn(sources, (alert) => alert.sources));
  if (targets) conditions.push(allIn(targets, (alert) => alert.targets));
  if (domains) conditions.push(({ domain }) => domain !== undefined && domains.some((above) => isIn(domain, above)));
  return conditions.length === 0 ? () => false : (alert) => conditions.every((fits) => fits(alert));
}

/** One that accuses somebody else as well is told. */
function allIn(texts: readonly string[], addressesOf: (alert: Told) => readonly string[]): Fits {
  const blocks = new AddressBlocks(texts);
  return (alert) => {
    const addresses = addressesOf(alert);
    return addresses.length > 0 && addresses.every((address) => blocks.findText(address) !== undefined);
  };
}

function isIn(domain: string, above: string): boolean {
  return domain === above || domain.endsWith(`.${above}`);
}
