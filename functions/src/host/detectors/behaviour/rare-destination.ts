import { type ActivityTable, FlowEvent, finish, formatAddress, mix } from '@weir/contracts';
import type { HostConfig } from '../../config.js';
import { isOutside } from '../address-scope.js';
import { type Argument, readableBytes } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { FirstSeen, type SightingEntry } from '../stores/first-seen.js';
import { flowsOf, keepFlow } from '../stores/kept-flows.js';

/** One scope for all: the network, as far as this partition counts it. */
const NETWORK = 37;

/** A place outside where nobody of this network has been before, and with which much is exchanged. */
export class RareDestination implements KeyedDetector<SightingEntry> {
  readonly name = 'rare-destination';
  readonly kind = 'rare-destination';
  readonly sees =
    'Much that is exchanged with a network outside (the first 24 bits of an IPv4 address, 48 of IPv6) to which no host of this network has spoken for 30 days.';
  readonly how =
    'Networks outside that were connected to are remembered for 30 days, by whoever went there. For the first day nothing is told; then a new one is told when the payload of connections that have ended passes the threshold.';
  readonly blindTo = 'Strange services at a provider that others of this network use too.';
  readonly evadedBy = 'A server at a large provider, or fewer bytes than the threshold.';
  readonly techniques = [{ id: 'T1071', name: 'Application Layer Protocol' }];
  readonly advice = ['Look up who runs the destination, and what the client wanted there.'];
  readonly counts: FirstSeen;

  constructor({ maxLastingKeys, learning }: HostConfig) {
    this.counts = new FirstSeen({
      maxKeys: maxLastingKeys,
      learnS: learning.hours * 3600,
      rememberS: learning.rememberDays * 86_400,
    });
  }

  observeService(activity: ActivityTable, i: number): void {
    const c = activity.columns;
    if (!(c.events[i]! & FlowEvent.ended) || !isOutside(c.responderAddress.bytes, i * 16)) return;
    const words = c.responderAddress.words;
    const isV4 = words[i * 4] === 0;
    const bytes = c.responderAddress.bytes;
    const low = isV4 ? (bytes[i * 16 + 12]! << 16) | (bytes[i * 16 + 13]! << 8) | bytes[i * 16 + 14]! : 0;
    const high = isV4 ? 0 : mix(words[i * 4]!, words[i * 4 + 1]! & 0xffff);
    const key = finish(mix(mix(NETWORK, low), high));
    const entry = this.counts.see(key, NETWORK, c.timeUs[i]!, () => ({
      who: formatAddress(c.originatorAddress.bytes, i * 16),
      what: formatAddress(c.responderAddress.bytes, i * 16),
      detail: '',
      port: c.responderPort[i]!,
    }));
    if (!entry) return;
    entry.about.bytes += c.totalOriginatorBytes[i]! + c.totalResponderBytes[i]!;
    keepFlow(entry.flows, activity, i);
  }

  magnitude(entry: SightingEntry, { learning }: HostConfig): number {
    return entry.about.isNew ? entry.about.bytes / learning.rareBytes : 0;
  }

  argue(entry: SightingEntry, { learning }: HostConfig): Argument {
    const { who, what, port, bytes } = entry.about;
    entry.about.isNew = false;
    return {
      entity: what,
      severity: 'info',
      confidence: 0.4,
      startUs: entry.firstUs,
      endUs: entry.lastUs,
      sources: [who],
      targets: [what],
      title: `${who} exchanges ${readableBytes(bytes)} with ${what}, where nobody went before`,
      summary: `${who} was the first of this network in ${learning.rememberDays} days to connect to the network of ${what} (port ${port}), and ${readableBytes(bytes)} were exchanged with it since.`,
      evidence: [
        { measure: 'exchanged', unit: 'byte', value: bytes, threshold: learning.rareBytes },
        { measure: 'hosts that went there before', unit: 'host', value: 0, normal: 3 },
      ],
      counterfactual: `A host of this network that went there within ${learning.rememberDays} days.`,
      flows: flowsOf(entry),
    };
  }
}
