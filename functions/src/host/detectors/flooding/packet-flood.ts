import { FIELD, SET } from '../../fields.js';
import type { HostWindow } from '../../host-window.js';
import { type HostDetector, readable, severityFor } from '../detector.js';
import { FLOOD_ADVICE, FLOOD_TECHNIQUES, floodPeers } from './flood-sources.js';

/** Least refused packets for each port: a scan by ACK tries many ports once. */
const REFUSED_PER_PORT = 20;

/** Packets to the host that began no connection and that it refused one by one: a bare ACK each, as floods send them. */
function refusedPackets(window: HostWindow): number {
  const refused =
    window.at(FIELD.probesIn) - window.at(FIELD.synIn) - window.at(FIELD.udpUnansweredIn) - window.at(FIELD.icmpIn);
  return refused > 0 && refused >= REFUSED_PER_PORT * window.distinct(SET.probedPorts) ? refused : 0;
}

/** TCP packets that belong to no connection. */
export const packetFlood: HostDetector = {
  name: 'packet-flood',
  kind: 'packet-flood',
  sees: 'A great many TCP packets other than SYN (ACK, RST, FIN, nonsense) to one host, in flows that hold a packet or two and that it does not answer, or refuses one by one.',
  how: 'Counts TCP packets without SYN in flows of which the host has sent nothing, and bare ACKs that it refused with RST. Connections under way before the capture, or seen from one side, carry more packets each, which sets them apart.',
  blindTo:
    'Refused floods of other packets than bare ACKs, or to more than a few ports; floods within one flow, and those below the threshold.',
  evadedBy: 'Nine hundred packets a second (1,100 are told), or five in each flow.',
  techniques: FLOOD_TECHNIQUES,
  advice: [
    ...FLOOD_ADVICE,
    'A stateful filter in front of the target drops packets of connections that it does not know.',
  ],
  windows: [0],
  gate: { anyOf: [FIELD.strayIn, FIELD.probesIn], least: ({ packetFlood }) => packetFlood.packets },
  magnitude(window, { packetFlood }) {
    if (refusedPackets(window) >= packetFlood.packets) return refusedPackets(window) / packetFlood.packets;
    const packets = window.at(FIELD.strayIn);
    if (packets < packetFlood.packets || window.at(FIELD.strayPeakIn) < packetFlood.peakPerSecond) return 0;
    const flows = window.at(FIELD.strayStartedIn);
    if (flows < packetFlood.flows || packets > packetFlood.packetsPerFlow * flows) return 0;
    return packets / packetFlood.packets;
  },
  argue(window, { packetFlood }) {
    const refused = refusedPackets(window);
    const isRefused = refused >= packetFlood.packets;
    const packets = isRefused ? refused : window.at(FIELD.strayIn);
    const flows = isRefused ? refused : window.at(FIELD.strayStartedIn);
    const { sources, from, flows: shown } = floodPeers(window, isRefused ? 'probes' : 'stray');
    return {
      entity: window.address,
      severity: severityFor('high', packets / packetFlood.packets),
      confidence: 0.85,
      startUs: window.at(isRefused ? FIELD.firstProbeInUs : FIELD.firstStrayUs),
      endUs: window.at(isRefused ? FIELD.lastProbeInUs : FIELD.lastStrayUs),
      sources,
      targets: [window.address],
      title: `Flood of stray TCP packets against ${window.address}`,
      summary: `${window.address} received ${readable(packets)} TCP packets of no known connection within ${window.lengthS} s${from}, in ${readable(flows)} flows, and ${isRefused ? 'refused all of these' : 'answered none of these'}.`,
      evidence: [
        { measure: 'stray TCP packets', unit: 'packet', value: packets, normal: 20, threshold: packetFlood.packets },
        {
          measure: 'unanswered ones in the busiest second',
          unit: 'packet/s',
          value: window.at(FIELD.strayPeakIn),
          threshold: packetFlood.peakPerSecond,
        },
        { measure: 'flows that they began', unit: 'flow', value: flows, threshold: packetFlood.flows },
        { measure: 'hosts that opened flows to it', unit: 'host', value: window.distinct(SET.peersIn) },
      ],
      counterfactual: `Fewer than ${readable(packetFlood.packets)} such packets in ${window.lengthS} s, or more than ${packetFlood.packetsPerFlow} in each flow.`,
      flows: shown,
    };
  },
};
