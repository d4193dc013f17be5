/** What Weir can take from a flow table, by the name that a mapping file uses. */
export const FLOW_FIELDS = [
  'time',
  'duration',
  'originatorAddress',
  'responderAddress',
  'originatorPort',
  'responderPort',
  'protocol',
  'originatorPackets',
  'responderPackets',
  'originatorBytes',
  'responderBytes',
  'originatorPayloadBytes',
  'responderPayloadBytes',
  'flags',
  'state',
  'history',
  'finCount',
  'synCount',
  'rstCount',
  'pshCount',
  'ackCount',
  'urgCount',
] as const;

export type FlowField = (typeof FLOW_FIELDS)[number];

/** Number of each field, its place in the spans of a row. */
export const FIELD = Object.fromEntries(FLOW_FIELDS.map((name, i) => [name, i])) as Readonly<Record<FlowField, number>>;

/** Microseconds in each unit that a table may count time in. */
export const TIME_UNITS = { s: 1e6, ms: 1e3, us: 1, ns: 1e-3 } as const;

export type TimeUnit = keyof typeof TIME_UNITS;

/** A column that is known by its name, and the unit of its times where the name settles it. */
interface KnownColumn {
  readonly field: FlowField;
  readonly unit?: TimeUnit;
}

/** Names by field, as `plainName` writes them. The generic names, then CICIDS2017 in both its spellings, then Zeek. */
const NAMES: Readonly<Record<FlowField, readonly string[]>> = {
  time: ['time', 'timestamp', 'start_time', 'start', 'ts'],
  duration: ['duration'],
  originatorAddress: ['src_ip', 'source_ip', 'id_orig_h'],
  responderAddress: ['dst_ip', 'destination_ip', 'id_resp_h'],
  originatorPort: ['src_port', 'source_port', 'id_orig_p'],
  responderPort: ['dst_port', 'destination_port', 'id_resp_p'],
  protocol: ['protocol', 'proto'],
  originatorPackets: ['packets_sent', 'packets', 'total_fwd_packets', 'total_fwd_packet', 'orig_pkts'],
  responderPackets: ['packets_received', 'total_backward_packets', 'total_bwd_packets', 'resp_pkts'],
  originatorBytes: ['bytes_sent', 'bytes', 'orig_ip_bytes'],
  responderBytes: ['bytes_received', 'resp_ip_bytes'],
  originatorPayloadBytes: ['total_length_of_fwd_packets', 'total_length_of_fwd_packet', 'orig_bytes'],
  responderPayloadBytes: ['total_length_of_bwd_packets', 'total_length_of_bwd_packet', 'resp_bytes'],
  flags: ['flags', 'tcp_flags'],
  state: ['conn_state', 'state'],
  history: ['history'],
  finCount: ['fin_flag_count'],
  synCount: ['syn_flag_count'],
  rstCount: ['rst_flag_count'],
  pshCount: ['psh_flag_count'],
  ackCount: ['ack_flag_count'],
  urgCount: ['urg_flag_count'],
};

const KNOWN: ReadonlyMap<string, KnownColumn> = new Map<string, KnownColumn>([
  ...FLOW_FIELDS.flatMap((field) => NAMES[field].map((name) => [name, { field }] as const)),
  // CICFlowMeter counts µs; every other known duration is in seconds.
  ['flow_duration', { field: 'duration', unit: 'us' }] as const,
]);

/** A column's name without what writers differ in: case, stray spaces, and what stands between words. */
export function plainName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_.-]+/g, '_');
}

/** What a column of this name holds; undefined for one that Weir has no use for. */
export function knownColumn(name: string): KnownColumn | undefined {
  return KNOWN.get(plainName(name));
}

/** The names under which a field is known, for messages. */
export function namesOf(field: FlowField): readonly string[] {
  return NAMES[field];
}
