import { type Static, Type } from '@sinclair/typebox';

const count = (description: string) => Type.Number({ minimum: 0, description });

/** How the agent of a sensor fares with its broker. Counts are since its start; times are by its clock. */
export const AgentStatus = Type.Object(
  {
    version: Type.String({ description: 'Version of Weir that it runs' }),
    startedAtMs: Type.Number({ description: 'Unix epoch, ms' }),
    epoch: Type.Number({ description: 'Run of the sensor, as in its batches' }),
    partitions: count('Flow partitions that it fills'),
    source: Type.String({ description: 'What it reads: an interface, a file, or standard input' }),
    filter: Type.String({ description: 'Capture filter; empty: everything' }),
    interfaces: Type.Array(Type.String(), { description: 'Interfaces of its machine that could be captured' }),
    isCapturing: Type.Boolean({ description: 'False while a control has paused it' }),
    messagesSent: count('Messages that the broker has'),
    packetsSent: count('Packets in them'),
    messagesQueued: count('Messages in memory that the broker has not taken yet'),
    bytesQueued: count('Bytes in them'),
    messagesDropped: count('Given up because the queue was full, or because the broker refuses them for good'),
    packetsDropped: count('Packets in them'),
    lagMs: count('Age of the oldest message in memory; 0 without'),
    controlsRefused: count('Controls for this sensor that were not valid or not possible'),
  },
  { $id: 'AgentStatus', description: 'How the agent of a sensor fares with its broker' },
);
export type AgentStatus = Static<typeof AgentStatus>;
