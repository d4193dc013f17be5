import { type Static, Type } from '@sinclair/typebox';
import { Count, OneOf, Share, TimeMs } from './shapes.js';
import { THREAT_LEVELS } from './words.js';

const Ranked = Type.Object(
  { address: Type.String(), incidents: Count('Incidents it is in'), bytes: Count('Exchanged, in the stretch') },
  { description: 'A host in a ranking' },
);

/** GET overview, and `overview` on the WebSocket: the page Now at a glance. Rates are over the last `rateWindowS` of capture time. */
export const Overview = Type.Object(
  {
    atMs: TimeMs('Newest capture time heard of; 0 before any'),
    health: Type.Object({
      status: OneOf(
        ['good', 'impaired', 'blind', 'waiting', 'ended'],
        'waiting: nothing heard yet; blind: no sensor delivers; ended: all input was read to its end',
      ),
      reason: Type.String({ description: 'One sentence' }),
    }),
    threat: Type.Object({
      level: OneOf(
        THREAT_LEVELS,
        'From incidents that are open, and not hidden, closed or false alarms; low for those that ended in the last 15 ' +
          'minutes and that nobody looked at',
      ),
      reason: Type.String({ description: 'One sentence: which incident makes it so' }),
      incidentId: Type.Optional(Type.String({ description: 'The incident that makes it so' })),
      confidence: Share('Of that incident; 1 when nothing is open'),
    }),
    rateWindowS: Count('Seconds that the rates are over'),
    packetsPerSecond: Count('Packets a second'),
    bytesPerSecond: Count('Frame bytes a second'),
    connectionsPerSecond: Count('Flows started a second'),
    packets: Count('Since the sensors began'),
    flows: Count('Flow records since the server began'),
    openIncidents: Count('Open, not hidden'),
    totalIncidents: Count('In history, not hidden'),
    hiddenIncidents: Count('In history, hidden by a suppression'),
    incidentsBySeverity: Type.Record(Type.String(), Type.Number(), { description: 'In history, not hidden' }),
    anomalousShare: Share('Packets of troubled hosts, of all in the rate window'),
    incidentsPerHour: Count('Incidents found in the last hour of capture time'),
    protocols: Type.Array(
      Type.Object({ name: OneOf(['tcp', 'udp', 'icmp', 'other'], ''), share: Share('Of packets in the rate window') }),
    ),
    topSources: Type.Array(Ranked, { description: 'Accused most, at most 10' }),
    topTargets: Type.Array(Ranked, { description: 'Attacked most, at most 10' }),
    topTalkers: Type.Array(Ranked, { description: 'Most bytes in the last 5 minutes, at most 10' }),
  },
  { description: 'The network at a glance' },
);
export type Overview = Static<typeof Overview>;
