import { FIELD, SET } from '../../fields.js';
import type { FlowFilter, HostWindow } from '../../host-window.js';
import { type HostDetector, readable, severityFor } from '../detector.js';
import { FLOOD_ADVICE, FLOOD_TECHNIQUES, floodPeers } from './flood-sources.js';
import { isTcpReflected } from './tcp-reflection.js';

/** Least refused packets for each port: a scan by ACK tries many ports once. */
const REFUSED_PER_PORT = 20;

/** Packets to the host that began no connection and that it refused one by one: a bare ACK each, as floods send them. */
function refusedPackets(window: HostWindow): number {
  const unanswered = window.at(FIELD.udpUnansweredIn) + window.at(FIELD.icmpIn) + window.at(FIELD.strayStartedIn);
  const refused = window.at(FIELD.probesIn) - window.at(FIELD.synIn) - unanswered;
  return refused > 0 && refused >= REFUSED_PER_PORT * window.distinct(SET.probedPorts) ? refused : 0;
}

/** What the packets shown are: unasked SYN-ACKs of a few hosts are strays too, but are found from the other side. */
function filterOf(window: HostWindow, isRefused: boolean): FlowFilter {
  if (isRefused) return 'probes';
  return 2 * window.at(FIELD.unaskedIn) > window.at(FIELD.strayIn) ? 'unasked' : 'stray';
}

/** Packets that belong to no conversation. */
export const packetFlood: HostDetector = {
  name: 'packet-flood',
  kind: 'packet-flood',
  sees: 'A great many TCP packets other than SYN (ACK, RST, FIN, nonsense), or packets of a protocol other than TCP, UDP and ICMP, to one host, in flows that hold a packet or two and that it does not answer, or refuses one by one.',
  how: 'Counts packets without SYN in flows of which the host has sent nothing, SYN-ACKs that it did not ask for, and bare ACKs that it refused with RST. Connections under way before the capture, or seen from one side, carry more packets each, which sets them apart. Of a protocol in which nobody converses each packet counts as a flow of its own.',
  blindTo:
    'Refused floods of other packets than bare ACKs, or to more than a few ports; floods within one flow (protocols of tunnels, such as GRE and ESP, have one for each source), those below the threshold, and tunnels: only what is in them is looked at.',
  evadedBy: 'Nine hundred packets a second (1,100 are told), or five in each flow.',
  techniques: FLOOD_TECHNIQUES,
  advice: [
    ...FLOOD_ADVICE,
    'A stateful filter in front of the target drops packets of connections that it does not know.',
  ],
  windows: [0],
  gate: { anyOf: [FIELD.strayIn, FIELD.probesIn], least: ({ packetFlood }) => packetFlood.packets },
  magnitude(window, { packetFlood, amplification }) {
    if (refusedPackets(window) >= packetFlood.packets) return refusedPackets(window) / packetFlood.packets;
    if (isTcpReflected(window, amplification)) return 0;
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
    const { sources, from, flows: shown } = floodPeers(window, filterOf(window, isRefused));
    return {
      entity: window.address,
      severity: severityFor('high', packets / packetFlood.packets),
      confidence: 0.85,
      startUs: window.at(isRefused ? FIELD.firstProbeInUs : FIELD.firstStrayUs),
      endUs: window.at(isRefused ? FIELD.lastProbeInUs : FIELD.lastStrayUs),
      sources,
      targets: [window.address],
      title: `Flood of stray packets against ${window.address}`,
      summary: `${window.address} received ${readable(packets)} packets of no known conversation within ${window.lengthS} s${from}, in ${readable(flows)} flows, and ${isRefused ? 'refused all of these' : 'answered none of these'}.`,
      evidence: [
        { measure: 'stray packets', unit: 'packet', value: packets, normal: 20, threshold: packetFlood.packets },
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
