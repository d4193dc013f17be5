import { AddressBlocks } from './address-blocks.js';
import type { IndicatorList } from './rules.js';

/** Lists of indicators, ready to be asked. Of several lists that hold the same, the first counts. */
export class Indicators {
  private readonly addresses: { blocks: AddressBlocks; list: IndicatorList }[];
  private readonly domains: ReadonlyMap<string, IndicatorList>;
  private readonly fingerprints: ReadonlyMap<string, IndicatorList>;

  constructor(lists: readonly IndicatorList[]) {
    this.addresses = ofType(lists, 'address').map((list) => ({ blocks: new AddressBlocks(list.entries), list }));
    this.domains = byEntry(ofType(lists, 'domain'));
    this.fingerprints = byEntry(ofType(lists, 'ja4'));
  }

  get hasAddresses(): boolean {
    return this.addresses.length > 0;
  }

  get hasNames(): boolean {
    return this.domains.size > 0 || this.fingerprints.size > 0;
  }

  /** The list that an address is in. */
  ofAddress(words: Uint32Array, at: number): IndicatorList | undefined {
    return this.addresses.find(({ blocks }) => blocks.find(words, at) !== undefined)?.list;
  }

  /** The same for an address in text. */
  ofAddressText(address: string): IndicatorList | undefined {
    return this.addresses.find(({ blocks }) => blocks.findText(address) !== undefined)?.list;
  }

  /** The listed domain that a name is or lies below, in lower case; undefined for none. */
  domainOf(name: string): string | undefined {
    for (let at = 0; at >= 0 && at < name.length; at = nextLabel(name, at)) {
      const domain = name.slice(at);
      if (this.domains.has(domain)) return domain;
    }
    return undefined;
  }

  ofDomain(domain: string): IndicatorList | undefined {
    return this.domains.get(domain);
  }

  ofFingerprint(ja4: string): IndicatorList | undefined {
    return this.fingerprints.get(ja4);
  }
}

const known = new WeakMap<readonly IndicatorList[], Indicators>();

/** The lists ready to be asked, made ready once: they may be long, and each partition asks the same. */
export function indicatorsOf(lists: readonly IndicatorList[]): Indicators {
  let ready = known.get(lists);
  if (ready === undefined) {
    ready = new Indicators(lists);
    known.set(lists, ready);
  }
  return ready;
}

function ofType(lists: readonly IndicatorList[], type: IndicatorList['type']): IndicatorList[] {
  return lists.filter((list) => list.type === type);
}

function byEntry(lists: readonly IndicatorList[]): Map<string, IndicatorList> {
  const found = new Map<string, IndicatorList>();
  for (const list of lists) for (const entry of list.entries) if (!found.has(entry)) found.set(entry, list);
  return found;
}

/** Where the next label of a name begins; −1 behind the last. */
function nextLabel(name: string, at: number): number {
  const dot = name.indexOf('.', at);
  return dot < 0 ? -1 : dot + 1;
}
