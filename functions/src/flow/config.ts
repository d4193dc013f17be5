import { type Static, Type } from '@sinclair/typebox';

const seconds = (value: number, description: string) =>
  Type.Integer({ default: value, minimum: 1, maximum: 1000, unit: 's', description });

/** Bounds and timeouts of the flow table, in seconds of event time unless named otherwise. */
export const FlowSettings = Type.Object(
  {
    maxFlows: Type.Integer({
      default: 65_536,
      minimum: 16,
      maximum: 2 ** 22,
      unit: 'flow',
      description: 'Live flows a partition holds; beyond it the flow that would expire first gives way',
    }),
    tcpHandshakeTimeoutS: seconds(10, 'TCP: SYN without an answer'),
    tcpIdleTimeoutS: seconds(300, 'TCP under way'),
    tcpClosedTimeoutS: seconds(5, 'TCP after its end: how long stragglers still belong to it'),
    unansweredTimeoutS: seconds(15, 'Other flows without an answer'),
    answeredTimeoutS: seconds(60, 'Other flows with packets both ways'),
    activeTimeoutS: seconds(120, 'A flow that goes on is reported this often (RFC 7011)'),
  },
  { default: {}, description: 'The flow table', additionalProperties: false },
);
export type FlowSettings = Static<typeof FlowSettings>;

/** What a flow partition needs to know. */
export type FlowConfig = FlowSettings & {
  /** Host partitions that contributions are spread over. */
  hostPartitions: number;
  /** Which flow records are written. */
  records: 'none' | 'ended' | 'all';
};
