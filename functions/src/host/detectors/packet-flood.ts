import { FIELD, SET } from '../fields.js';
import { type HostDetector, readable, severityFor } from './detector.js';
import { FLOOD_ADVICE, FLOOD_TECHNIQUES, floodPeers } from './flood-sources.js';

/** TCP packets that belong to no connection. */
export const packetFlood: HostDetector = {
  name: 'packet-flood',
  kind: 'packet-flood',
  sees: 'A great many TCP packets other than SYN (ACK, RST, FIN, nonsense) to one host, in flows that hold a packet or two and that it does not answer.',
  how: 'Counts TCP packets without SYN in flows of which the host has sent nothing. Connections under way before the capture, or seen from one side, carry more packets each, which sets them apart.',
  blindTo: 'Floods that the host refuses with RST, floods within one flow, and those below the threshold.',
  evadedBy: 'Five packets in each flow.',
  techniques: FLOOD_TECHNIQUES,
  advice: [
    ...FLOOD_ADVICE,
    'A stateful filter in front of the target drops packets of connections that it does not know.',
  ],
  windows: [0],
  magnitude(window, { packetFlood }) {
    const packets = window.at(FIELD.strayIn);
    if (packets < packetFlood.packets || window.at(FIELD.strayPeakIn) < packetFlood.peakPerSecond) return 0;
    const flows = window.at(FIELD.strayStartedIn);
    if (flows < packetFlood.flows || packets > packetFlood.packetsPerFlow * flows) return 0;
    return packets / packetFlood.packets;
  },
  argue(window, { packetFlood }) {
    const packets = window.at(FIELD.strayIn);
    const flows = window.at(FIELD.strayStartedIn);
    const { sources, from, flows: shown } = floodPeers(window, 'stray');
    return {
      entity: window.address,
      severity: severityFor('high', packets / packetFlood.packets),
      confidence: 0.85,
      startUs: window.at(FIELD.firstStrayUs),
      endUs: window.at(FIELD.lastStrayUs),
      sources,
      targets: [window.address],
      title: `Flood of stray TCP packets against ${window.address}`,
      summary: `${window.address} received ${readable(packets)} TCP packets of no known connection within ${window.lengthS} s${from}, in ${readable(flows)} flows, and answered none of these.`,
      evidence: [
        { measure: 'stray TCP packets', unit: 'packet', value: packets, normal: 20, threshold: packetFlood.packets },
        {
          measure: 'of these in the busiest second',
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
