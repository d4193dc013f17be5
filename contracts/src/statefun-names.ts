/**
 * Names under which Stateful Functions knows Weir. The module specification (flink/), the remote functions and their tests
 * take them from here. They outlive a deployment: change none while state under it is to be kept.
 */

/** Function types. Ids: flow `<sensor>/<n>`, host `<n>`, score `0`, incident `<n>`, control: key of the message, records: address of the sender. */
export const StatefunFunction = {
  flow: 'weir/flow',
  host: 'weir/host',
  score: 'weir/score',
  incident: 'weir/incident',
  /** Keeps nothing: hands each message of the `controls` topic on to the partitions that it concerns. */
  control: 'weir/control',
  /** Keeps nothing: sends the records on that the answer to a call had no room for. */
  records: 'weir/records',
} as const;

/** Kafka ingresses, each of the topic in its name; records go to the function id that is their key. */
export const StatefunIngress = { packets: 'weir/packets', controls: 'weir/controls' } as const;

/** The one Kafka egress, for every topic that functions write. */
export const StatefunEgress = { out: 'weir/out' } as const;

/** Types of messages, and of the state. */
export const StatefunType = {
  /** Bytes of encodePacketBatch, or of a batch of flow rows. */
  packetBatch: 'weir/packet-batch',
  /** Bytes of encodeHostBatch; no longer sent. */
  hostBatch: 'weir/host-batch',
  /** A host batch in few bytes: functions/src/runtime/statefun/host-message.ts. */
  hostRows: 'weir/host-rows',
  /** Rows of features of a flow partition: functions/src/runtime/statefun/score-message.ts. */
  scoreRows: 'weir/score-rows',
  /** What a host partition tells of time, windows and accusations: the same file. */
  scoreTime: 'weir/score-time',
  /** JSON of alerts on their way to an incident partition. */
  alertBatch: 'weir/alert-batch',
  /** JSON of a Control. */
  control: 'weir/control',
  /** A record of lines, compressed, on its way to `weir/records`: functions/src/runtime/statefun/parcel.ts. */
  parcel: 'weir/parcel',
  /** JSON of a tick of processing time. */
  tick: 'weir/tick',
  /** Bytes of a function's `encode`. */
  state: 'weir/state',
  /** Messages that were applied to the state since it was written. */
  journal: 'weir/journal',
} as const;

/** Name of the state value of every function. */
export const STATEFUN_STATE = 'state';

/** Names of the values that hold the messages of a call each, applied to the state since it was written, in this order. */
export const STATEFUN_JOURNAL: readonly string[] = [...'abcdefghijkl'].map((letter) => `journal_${letter}`);
