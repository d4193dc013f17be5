import { type Static, Type } from '@sinclair/typebox';
import { AgentStatus } from './agent-status.js';
import { LiveMeasures } from './packet-batch.js';

const count = (description: string) => Type.Number({ minimum: 0, description });

/** How a sensor is, on the `sensor_health` topic. Counts are since its start. */
export const SensorHealth = Type.Object(
  {
    sensor: Type.String(),
    atMs: Type.Number({ description: 'Watermark of the sensor, ms of capture time' }),
    packetsCaptured: count('Packets handed to the decoder'),
    packetsDroppedByKernel: count('Lost before Weir could read them'),
    packetsDroppedByInterface: count('Lost by the network card or driver'),
    packetsLate: count('Older than the watermark; their time was raised to it'),
    packetsUndecoded: count('Frames without a transport layer that Weir knows'),
    breaches: Type.Record(Type.String(), Type.Number(), { description: 'Conformance breaches by name' }),
    live: Type.Optional(LiveMeasures),
    agent: Type.Optional(AgentStatus),
  },
  { $id: 'SensorHealth', description: 'How a sensor is' },
);
export type SensorHealth = Static<typeof SensorHealth>;
