import { createHash } from 'node:crypto';

/**
 * What models see: ordered lists of features that training and scoring share. Left out on purpose is what carries a data
 * set's labels or drift rather than an attack: addresses, ports, absolute time, TTL, window and header sizes, lifetime counts.
 */

/** One feature. A value that the input does not tell is NaN; the model puts the benign median in its place. */
export interface Feature {
  readonly name: string;
  readonly unit: string;
  readonly meaning: string;
}

/** Packets of a flow that a sequence holds, from its start. */
export const SEQUENCE_PACKETS = 16;

const feature = (name: string, unit: string, meaning: string): Feature => ({ name, unit, meaning });

const directed = (prefix: 'originator' | 'responder'): Feature[] => [
  feature(`${prefix}Packets`, 'packet', `Packets sent by the ${prefix}.`),
  feature(`${prefix}PayloadBytes`, 'byte', `Transport payload sent by the ${prefix}.`),
  feature(`${prefix}PayloadPerPacketBytes`, 'byte', `${prefix}PayloadBytes over ${prefix}Packets; 0 without packets.`),
  feature(`${prefix}LengthMinBytes`, 'byte', 'Shortest frame; 0 without packets.'),
  feature(`${prefix}LengthMeanBytes`, 'byte', 'Mean frame; 0 without packets.'),
  feature(`${prefix}LengthMaxBytes`, 'byte', 'Longest frame; 0 without packets.'),
  feature(`${prefix}LengthDeviationBytes`, 'byte', 'Sample standard deviation of frame lengths; 0 below two packets.'),
  feature(`${prefix}GapMinMs`, 'ms', 'Shortest gap in this direction; 0 without gaps.'),
  feature(`${prefix}GapMeanMs`, 'ms', 'Mean gap in this direction; 0 without gaps.'),
  feature(`${prefix}GapMaxMs`, 'ms', 'Longest gap in this direction; 0 without gaps.'),
  feature(`${prefix}GapDeviationMs`, 'ms', 'Sample standard deviation of gaps in this direction; 0 below two gaps.'),
];

const FLOW_FEATURES: readonly Feature[] = [
  feature('protocolTcp', '1', '1 for TCP, else 0.'),
  feature('protocolUdp', '1', '1 for UDP, else 0.'),
  feature('protocolIcmp', '1', '1 for ICMP or ICMPv6, else 0.'),
  feature('durationS', 's', 'First to last packet.'),
  ...directed('originator'),
  ...directed('responder'),
  feature('packetsPerSecond', 'packet/s', 'Packets of both over the duration, at least 1 ms.'),
  feature('bytesPerSecond', 'byte/s', 'Frame bytes of both over the duration, at least 1 ms.'),
  feature('responderPacketShare', '1', 'responderPackets over packets of both.'),
  feature('responderPayloadShare', '1', 'responderPayloadBytes over payload of both; 0 without payload.'),
  feature('synSeen', '1', '1 when either sent SYN, else 0.'),
  feature('finSeen', '1', '1 when either sent FIN.'),
  feature('originatorResetSeen', '1', '1 when the originator sent RST.'),
  feature('responderResetSeen', '1', '1 when the responder sent RST.'),
  feature('originatorPushSeen', '1', '1 when the originator sent PSH.'),
  feature('responderPushSeen', '1', '1 when the responder sent PSH.'),
  feature('urgentSeen', '1', '1 when either sent URG.'),
  feature('answered', '1', '1 when the responder sent anything.'),
  feature('established', '1', '1 for FlowOutcome established, finished or reset.'),
  feature('halfOpen', '1', '1 for FlowOutcome halfOpen or handshakeIncomplete.'),
  feature('rejected', '1', '1 for FlowOutcome rejected.'),
  feature('finished', '1', '1 for FlowOutcome finished.'),
];

/** What a host's window tells a model: fields of TrafficWindow. */
export const WINDOW_MEASURES = [
  { field: 'packets', unit: 'packet', meaning: 'Packets' },
  { field: 'bytes', unit: 'byte', meaning: 'Frame bytes' },
  { field: 'connections', unit: 'flow', meaning: 'Flows that started' },
  { field: 'sources', unit: 'host', meaning: 'Distinct originators of flows' },
  { field: 'destinations', unit: 'host', meaning: 'Distinct responders of flows' },
  { field: 'ports', unit: 'port', meaning: 'Distinct responder ports' },
  { field: 'meanPacketBytes', unit: 'byte', meaning: 'Bytes per packet' },
  { field: 'udpShare', unit: '1', meaning: 'Packets that are UDP' },
  { field: 'icmpShare', unit: '1', meaning: 'Packets that are ICMP or ICMPv6' },
  { field: 'gapMeanMs', unit: 'ms', meaning: 'Mean gap between packets of the same flow and direction' },
  { field: 'packetsPerConnection', unit: 'packet/flow', meaning: 'Packets over connections; 0 without connections' },
  {
    field: 'failedShare',
    unit: '1',
    meaning: 'Flows refused or never answered, of those whose outcome became known',
  },
] as const;

/** Lengths of the windows that one row of a host tells of. Unit: s. */
export const WINDOW_FEATURE_LENGTHS_S = [10, 60, 300] as const;

const HOST_WINDOW_FEATURES: readonly Feature[] = WINDOW_FEATURE_LENGTHS_S.flatMap((lengthS) =>
  WINDOW_MEASURES.map(({ field, unit, meaning }) =>
    feature(
      `${field}${lengthS}s`,
      unit,
      `${meaning}, in the newest closed window of ${lengthS} s of this host (TrafficWindow.${field}).`,
    ),
  ),
);

/** Weights of flows before fall to 1/e in these times. Unit: s. */
export const FADING_S = [10, 60, 300] as const;

/** As far back as flows of the same service are looked at. Unit: s. */
export const SERVICE_HISTORY_S = 3600;

const ENTITIES = [
  { entity: 'source', of: 'the originator', peers: 'responders' },
  { entity: 'destination', of: 'the responder', peers: 'originators' },
  { entity: 'pair', of: 'both hosts', peers: undefined },
] as const;

const ACTIVITY_FEATURES: readonly Feature[] = ENTITIES.flatMap(({ entity, of, peers }) =>
  FADING_S.flatMap((fadingS) => {
    const faded = `of ${of} until now, itself among them; those before fade to 1/e in ${fadingS} s`;
    const named = (what: string, unit: string, meaning: string) =>
      feature(`${entity}${what}${fadingS}s`, unit, meaning);
    return [
      named('Flows', 'flow', `Flows ${faded}.`),
      named('FailedShare', '1', `Share of flows refused or never answered, ${faded}.`),
      named('PayloadBytes', 'byte', `Payload of flows ${faded}.`),
      ...(peers ? [named('Peers', 'host', `Flows whose peer was none of the eight newest ${peers}, ${faded}.`)] : []),
      named('Ports', 'port', `Flows whose responder port was none of the eight newest, ${faded}.`),
    ];
  }),
);

const SERVICE_FEATURES: readonly Feature[] = [
  feature('serviceFlows', 'flow', 'Flows before at the same service (originator, responder and its port): 8 at most.'),
  feature('serviceGapLastS', 's', 'Between the starts of this flow and the one before; an hour without one.'),
  feature('serviceGapMeanS', 's', 'Mean of the gaps between the starts of these flows; an hour without one before.'),
  feature('serviceGapVariation', '1', 'Standard deviation of these gaps over their mean.'),
  feature('serviceSizeDifference', '1', 'Mean difference of ln(1 + payloads and packets sent) to those before.'),
  feature(
    'serviceAlikeInARow',
    'flow',
    'Newest flows before in a row whose sizes differ from this by less than a quarter.',
  ),
  feature('serviceFailedInARow', 'flow', 'Flows refused or never answered in a row, up to this.'),
];

const numbered = (make: (n: number) => Feature): Feature[] =>
  Array.from({ length: SEQUENCE_PACKETS }, (_, k) => make(k + 1));

const SEQUENCE_FEATURES: readonly Feature[] = [
  ...numbered((n) =>
    feature(`size${n}`, 'byte', `Payload of packet ${n} of the flow, negative from the responder; NaN past its end.`),
  ),
  ...numbered((n) => feature(`gapMs${n}`, 'ms', `Gap before packet ${n}, 0 for the first; NaN past the end.`)),
];

/** The lists by name: a whole flow, its first packets, a host's windows, and a flow with what was done before it. */
export const FEATURE_LISTS = {
  flow: FLOW_FEATURES,
  sequence: SEQUENCE_FEATURES,
  'host-window': HOST_WINDOW_FEATURES,
  'flow-context': [...FLOW_FEATURES, ...ACTIVITY_FEATURES, ...SERVICE_FEATURES],
} as const;
export type FeatureListName = keyof typeof FEATURE_LISTS;

export const FEATURE_LIST_NAMES = Object.keys(FEATURE_LISTS) as readonly FeatureListName[];

/**
 * SHA-256, in hex, of what makes two lists the same to a model: the compact JSON of `[name, unit]` of each feature in order.
 */
export function featuresSha256(features: readonly Pick<Feature, 'name' | 'unit'>[]): string {
  const canonical = JSON.stringify(features.map(({ name, unit }) => [name, unit]));
  return createHash('sha256').update(canonical).digest('hex');
}
