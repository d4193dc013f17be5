/** Bounds and timeouts of the flow function, in seconds of event time unless named otherwise. */
export interface FlowConfig {
  /** Live flows a partition holds at most; beyond it the flow that would expire first gives way. */
  maxFlows: number;
  /** Host partitions that contributions are spread over. */
  hostPartitions: number;
  /** TCP: SYN without an answer. */
  tcpHandshakeTimeoutS: number;
  /** TCP under way. */
  tcpIdleTimeoutS: number;
  /** TCP after FIN from both sides or RST: how long stragglers still belong to it. */
  tcpClosedTimeoutS: number;
  /** Other protocols without an answer. */
  unansweredTimeoutS: number;
  /** Other protocols with packets both ways. */
  answeredTimeoutS: number;
  /** A flow that goes on is reported this often (RFC 7011 active timeout). */
  activeTimeoutS: number;
  /** Which flow records are written. */
  records: 'none' | 'ended' | 'all';
}

export const DEFAULT_FLOW_CONFIG: FlowConfig = {
  maxFlows: 65_536,
  hostPartitions: 1,
  tcpHandshakeTimeoutS: 10,
  tcpIdleTimeoutS: 300,
  tcpClosedTimeoutS: 5,
  unansweredTimeoutS: 15,
  answeredTimeoutS: 60,
  activeTimeoutS: 120,
  records: 'ended',
};
