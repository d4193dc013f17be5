import { type Static, Type } from '@sinclair/typebox';
import { formatAddress } from './addresses.js';
import { communityId } from './community-id.js';
import { FlowOutcome, type FlowRecordTable, flowOutcomeName } from './flow-record.js';
import { PayloadGuess } from './notes.js';

/** Names of the guesses that say something, from PayloadGuess.text on. */
export const FLOW_APPLICATIONS = Object.keys(PayloadGuess).slice(PayloadGuess.text);

const port = (description: string) => Type.Integer({ minimum: 0, maximum: 65535, description });

const count = (description: string) => Type.Number({ minimum: 0, description });

/** One flow record in short, as a line of its `network_flows` message. FlowLine is the whole of it. */
export const FlowSummary = Type.Object(
  {
    sensor: Type.String({ description: 'Name of the sensor' }),
    communityId: Type.String({ description: 'Community ID v1, seed 0' }),
    originator: Type.String({ description: 'Address of who began the flow' }),
    responder: Type.String({ description: 'Address of the other side' }),
    originatorPort: port('Port, or ICMP type'),
    responderPort: port('Port, or ICMP counterpart or code'),
    protocol: Type.Integer({ minimum: 0, maximum: 255, description: 'IANA protocol number' }),
    outcome: Type.String({ description: `How far it got: ${Object.keys(FlowOutcome).join(', ')}` }),
    startMs: Type.Number({ description: 'First packet. Unix epoch, ms of capture time' }),
    endMs: Type.Number({ description: 'Last packet so far. Unix epoch, ms of capture time' }),
    packets: count('Packets of both sides'),
    bytes: count('Frame bytes of both sides'),
    originatorBytes: count('Frame bytes sent by the originator'),
    responderBytes: count('Frame bytes sent by the responder'),
    application: Type.Optional(
      Type.String({
        description: `What the payload looked like: ${FLOW_APPLICATIONS.join(', ')}; absent where unknown`,
      }),
    ),
  },
  { $id: 'FlowSummary', description: 'One flow, in short' },
);
export type FlowSummary = Static<typeof FlowSummary>;

/** Row `row` of `records` in short. */
export function flowSummaryOf(sensor: string, records: FlowRecordTable, row: number): FlowSummary {
  const c = records.columns;
  const application = FLOW_APPLICATIONS[c.payloadGuess[row]! - PayloadGuess.text];
  return {
    sensor,
    communityId: flowCommunityId(records, row),
    originator: formatAddress(c.originatorAddress.bytes, row * 16),
    responder: formatAddress(c.responderAddress.bytes, row * 16),
    originatorPort: c.originatorPort[row]!,
    responderPort: c.responderPort[row]!,
    protocol: c.protocol[row]!,
    outcome: flowOutcomeName(c.outcome[row]!),
    startMs: c.startUs[row]! / 1000,
    endMs: c.endUs[row]! / 1000,
    packets: c.originatorPackets[row]! + c.responderPackets[row]!,
    bytes: c.originatorBytes[row]! + c.responderBytes[row]!,
    originatorBytes: c.originatorBytes[row]!,
    responderBytes: c.responderBytes[row]!,
    ...(application === undefined ? {} : { application }),
  };
}

/** Community ID of the flow in row `row`. */
export function flowCommunityId({ columns }: FlowRecordTable, row: number): string {
  return communityId({
    source: columns.originatorAddress.bytes.subarray(row * 16, row * 16 + 16),
    destination: columns.responderAddress.bytes.subarray(row * 16, row * 16 + 16),
    sourcePort: columns.originatorPort[row]!,
    destinationPort: columns.responderPort[row]!,
    protocol: columns.protocol[row]!,
  });
}
