/** Kafka topics, one name each. Wire format: append, never rename. */
export const Topic = {
  packets: 'packets',
  networkFlows: 'network_flows',
  normalTraffic: 'normal_traffic',
  anomalyAlerts: 'anomaly_alerts',
  sensorHealth: 'sensor_health',
  controls: 'controls',
  deadLetters: 'dead_letters',
} as const;

/** Address of a flow partition: `flow/<sensor>/<n>`. */
export function flowAddress(sensor: string, partition: number): string {
  return `flow/${sensor}/${partition}`;
}

/** Address of a host partition: `host/<n>`. */
export function hostPartitionAddress(partition: number): string {
  return `host/${partition}`;
}

/** Address of an incident partition: `incident/<n>`. */
export function incidentAddress(partition: number): string {
  return `incident/${partition}`;
}
