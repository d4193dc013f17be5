import { type Static, Type } from '@sinclair/typebox';

/** Window lengths in seconds, shortest first. A window is `[startMs, endMs)`, aligned to its length in event time. */
export const WINDOW_LENGTHS_S = [10, 60, 300] as const;

const count = (description: string) => Type.Number({ minimum: 0, description });
const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });

/** What a host, or the whole network, did in one window. */
export const TrafficWindow = Type.Object(
  {
    scope: Type.Union([Type.Literal('network'), Type.Literal('host')]),
    address: Type.Optional(Type.String({ description: 'The host; absent for the network' })),
    partition: Type.Integer({ description: 'Host partition that counted it; network windows add up over partitions' }),
    startMs: Type.Number(),
    endMs: Type.Number(),
    packets: count('Packets'),
    bytes: count('Frame bytes'),
    connections: count('Flows that started'),
    sources: count('Distinct originators of flows'),
    destinations: count('Distinct responders of flows'),
    ports: count('Distinct responder ports'),
    meanPacketBytes: count('Bytes per packet; 0 without packets'),
    tcpShare: share('Packets that are TCP'),
    udpShare: share('Packets that are UDP'),
    icmpShare: share('Packets that are ICMP or ICMPv6'),
    gapMeanMs: count('Mean gap between successive packets of the same flow and direction; 0 without gaps'),
    gapDeviationMs: count('Sample standard deviation of those gaps; 0 below two'),
    packetsPerConnection: count('Packets over connections; 0 without connections'),
    failedShare: share('Flows refused or never answered, of those whose outcome became known; 0 without'),
    topPeers: Type.Array(Type.Object({ address: Type.String(), bytes: Type.Number() }), {
      description:
        'Up to eight peers with most bytes exchanged, largest first (the network: responders); SpaceSaving, so possibly too high where there are many',
    }),
  },
  { $id: 'TrafficWindow', description: 'What a host, or the whole network, did in [startMs, endMs)' },
);
export type TrafficWindow = Static<typeof TrafficWindow>;
