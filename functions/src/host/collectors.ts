/**
 * UDP ports to which machines report and where nobody answers them: SNMP traps, syslog, NetFlow and IPFIX, sFlow, Graphite,
 * StatsD, Graylog. A collector gets thousands of datagrams a second, from ports of the senders' choice.
 */
const COLLECTOR_PORTS = [162, 514, 1514, 2003, 2055, 2056, 4739, 5140, 6343, 8125, 9995, 9996, 12_201];

/** By port: 1 where reports are collected. */
const COLLECTS = new Uint8Array(65_536);
for (const port of COLLECTOR_PORTS) COLLECTS[port] = 1;

/** Whether reports are collected on the port. */
export function isCollector(port: number): boolean {
  return COLLECTS[port] === 1;
}
