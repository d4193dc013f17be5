import { type Static, Type } from '@sinclair/typebox';
import { FlowSummary } from '../flow-summary.js';
import { SEVERITIES } from '../incident.js';
import { TrafficWindow } from '../window.js';
import { AddressText, Count, OneOf, PageOf, PagingQuery, RangeQuery, Share, TimeMs } from './shapes.js';
import { HOST_MEASURES } from './words.js';

const strict = { additionalProperties: false } as const;
const SeveritySchema = OneOf(SEVERITIES, 'How much it matters');

/** One step of the traffic chart: what the network did in [startMs, startMs + stepS). */
export const TrafficPoint = Type.Object(
  {
    startMs: TimeMs('Start of the step'),
    packets: Count('Packets'),
    bytes: Count('Frame bytes'),
    connections: Count('Flows that started'),
    anomalousPackets: Count('Packets of hosts accused (else attacked) in an incident at that time; at most packets'),
    anomalousBytes: Count('Bytes of the same'),
    failedShare: Share('Flows refused or not answered, of those whose outcome became known'),
    tcpShare: Share('Packets that are TCP'),
    udpShare: Share('Packets that are UDP'),
    icmpShare: Share('Packets that are ICMP'),
  },
  { description: 'One step of the traffic chart' },
);
export type TrafficPoint = Static<typeof TrafficPoint>;

/** An incident on the traffic chart. */
export const TrafficMark = Type.Object(
  {
    id: Type.String(),
    startMs: TimeMs('First evidence'),
    endMs: TimeMs('Last'),
    severity: SeveritySchema,
    title: Type.String(),
  },
  { description: 'An incident on the traffic chart' },
);
export type TrafficMark = Static<typeof TrafficMark>;

/**
 * GET traffic. Steps without traffic are left out. In steps below 10 s, flows and the anomalous part are those of the
 * window of 10 s, spread over its packets; 0 until that is complete.
 */
export const TrafficSeries = Type.Object(
  { stepS: Type.Integer({ minimum: 1 }), points: Type.Array(TrafficPoint), marks: Type.Array(TrafficMark) },
  { description: 'Traffic over time' },
);
export type TrafficSeries = Static<typeof TrafficSeries>;
export const TrafficQuery = Type.Object(
  {
    ...RangeQuery,
    stepS: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 86_400,
        description: 'Default: 1 up to 15 minutes where seconds are known, else so that about 300 steps fit',
      }),
    ),
  },
  strict,
);
export type TrafficQuery = Static<typeof TrafficQuery>;

/** GET heat-map. `values[host][step]`; null: the host was not seen. */
export const HeatMap = Type.Object(
  {
    measure: OneOf(HOST_MEASURES, 'What the values are'),
    stepS: Type.Integer({ minimum: 10 }),
    startsMs: Type.Array(TimeMs('Start of a step')),
    hosts: Type.Array(Type.String(), { description: 'Most of the measure first' }),
    values: Type.Array(Type.Array(Type.Union([Type.Number(), Type.Null()]))),
    troubled: Type.Array(Type.Array(Type.Boolean()), { description: 'In an incident at that time' }),
  },
  { description: 'Host × time' },
);
export type HeatMap = Static<typeof HeatMap>;
export const HeatMapQuery = Type.Object(
  {
    ...RangeQuery,
    measure: Type.Optional(OneOf(HOST_MEASURES, 'Default packets')),
    hosts: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'Default 25' })),
    steps: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: 'Default 48' })),
  },
  strict,
);
export type HeatMapQuery = Static<typeof HeatMapQuery>;

/** A flow as history keeps it. */
export const FlowItem = Type.Object({ ...FlowSummary.properties }, { description: 'A flow' });
export type FlowItem = Static<typeof FlowItem>;
export const FlowPage = Type.Object(
  {
    ...PageOf(FlowItem, '').properties,
    thinned: Count('Flows that were not kept since the server began, as they came faster than they could be written'),
  },
  { description: 'Flows that fit, newest first, one page' },
);
export type FlowPage = Static<typeof FlowPage>;
export const FlowQuery = Type.Object(
  {
    ...PagingQuery,
    ...RangeQuery,
    address: Type.Optional(AddressText('Originator or responder')),
    port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535, description: 'Of either side' })),
    protocol: Type.Optional(Type.Integer({ minimum: 0, maximum: 255, description: 'IANA number' })),
    outcome: Type.Optional(Type.String({ maxLength: 32 })),
    communityId: Type.Optional(Type.String({ maxLength: 64 })),
    text: Type.Optional(
      Type.String({ maxLength: 100, description: 'Address, port, outcome or application begins with it' }),
    ),
    sort: Type.Optional(OneOf(['endMs', 'startMs', 'bytes', 'packets'], 'Default endMs')),
    order: Type.Optional(OneOf(['ascending', 'descending'], 'Default descending')),
  },
  strict,
);
export type FlowQuery = Static<typeof FlowQuery>;

/** A line of the host list. */
export const HostItem = Type.Object(
  {
    address: Type.String(),
    firstSeenMs: TimeMs('In history'),
    lastSeenMs: TimeMs('In history'),
    packets: Count('Packets in the stretch'),
    bytes: Count('Frame bytes'),
    connections: Count('Flows that it began or answered'),
    failedShare: Share('Flows refused or not answered'),
    incidents: Count('Incidents it is in'),
    worstSeverity: Type.Optional(SeveritySchema),
  },
  { description: 'A host in short' },
);
export type HostItem = Static<typeof HostItem>;
export const HostPage = PageOf(HostItem, 'Hosts that fit, one page');
export type HostPage = Static<typeof HostPage>;
export const HostQuery = Type.Object(
  {
    ...PagingQuery,
    ...RangeQuery,
    text: Type.Optional(Type.String({ maxLength: 64, description: 'Address contains it' })),
    sort: Type.Optional(OneOf([...HOST_MEASURES, 'incidents', 'lastSeenMs', 'address'], 'Default bytes')),
    order: Type.Optional(OneOf(['ascending', 'descending'], 'Default descending')),
  },
  strict,
);
export type HostQuery = Static<typeof HostQuery>;

/** What is usual for a host, from its own windows of 10 s in history. */
export const HostNormal = Type.Object(
  {
    measure: OneOf(
      ['packets', 'bytes', 'connections', 'destinations', 'ports', 'failedShare', 'gapMeanMs', 'meanPacketBytes'],
      'What was measured',
    ),
    unit: Type.String(),
    median: Type.Number(),
    p95: Type.Number({ description: '95 % of its windows were at or below' }),
    max: Type.Number(),
    latest: Type.Number({ description: 'In its newest window' }),
  },
  { description: 'What is usual for a host' },
);
export type HostNormal = Static<typeof HostNormal>;

/** Someone a host talked with. */
export const HostPeer = Type.Object(
  { address: Type.String(), bytes: Count('Exchanged, from largest peers of each minute: a lower bound') },
  { description: 'Someone a host talked with' },
);

/** GET hosts/{address}. */
export const HostDetail = Type.Object(
  {
    host: HostItem,
    normal: Type.Array(HostNormal, { description: 'Empty below 6 windows of history' }),
    windows: Type.Array(TrafficWindow, { description: 'Its windows of 10 s, oldest first, at most 1000' }),
    peers: Type.Array(HostPeer, { description: 'Largest first, at most 50' }),
    services: Type.Array(Type.Object({ port: Type.Integer(), protocol: Type.Integer(), flows: Count('Flows') }), {
      description: 'Ports on which it answered, most flows first, at most 50',
    }),
    flows: Type.Array(FlowItem, { description: 'Its newest, at most 50' }),
    incidentIds: Type.Array(Type.String(), { description: 'GET incidents?address=… tells more' }),
  },
  { description: 'One host' },
);
export type HostDetail = Static<typeof HostDetail>;

/** GET topology: who talks to whom. */
export const Topology = Type.Object(
  {
    nodes: Type.Array(
      Type.Object({
        address: Type.String(),
        bytes: Count('Exchanged'),
        isInternal: Type.Boolean({ description: 'Private, link-local or loopback address' }),
        incidents: Count('Incidents it is in'),
        worstSeverity: Type.Optional(SeveritySchema),
      }),
    ),
    edges: Type.Array(
      Type.Object({
        from: Type.Integer({ description: 'Index into nodes' }),
        to: Type.Integer({ description: 'Index into nodes' }),
        bytes: Count('Exchanged; 0 where only flows without sizes tell of it'),
        flows: Count('Flows in history'),
        isTroubled: Type.Boolean({ description: 'An incident accuses one of the other' }),
      }),
    ),
    omittedNodes: Count('Hosts left out: those with least bytes'),
  },
  { description: 'Who talks to whom' },
);
export type Topology = Static<typeof Topology>;
export const TopologyQuery = Type.Object(
  {
    ...RangeQuery,
    nodes: Type.Optional(Type.Integer({ minimum: 2, maximum: 1000, description: 'At most; default 300' })),
  },
  strict,
);
export type TopologyQuery = Static<typeof TopologyQuery>;

/** GET map: where traffic comes from. 409 with the reason when no GeoIP database was given. */
export const GeoMap = Type.Object(
  {
    database: Type.String({ description: 'Name and date of the GeoIP database' }),
    places: Type.Array(
      Type.Object({
        country: Type.String({ description: 'ISO 3166-1 code, or empty' }),
        name: Type.String({ description: 'Country or city, in English' }),
        latitude: Type.Number({ minimum: -90, maximum: 90 }),
        longitude: Type.Number({ minimum: -180, maximum: 180 }),
        hosts: Count('Addresses there'),
        bytes: Count('Exchanged with them'),
        incidents: Count('Incidents they are in'),
        worstSeverity: Type.Optional(SeveritySchema),
      }),
    ),
    unplaced: Count('Public addresses that the database does not place'),
  },
  { description: 'Where traffic comes from' },
);
export type GeoMap = Static<typeof GeoMap>;
