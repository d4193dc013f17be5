import { share } from '../../../features/moments.js';
import { FIELD, SET } from '../../fields.js';
import type { HostWindow } from '../../host-window.js';
import { type HostDetector, readable, severityFor } from '../detector.js';
import { isAmplified } from './amplification.js';
import { FLOOD_ADVICE as advice, floodPeers, FLOOD_TECHNIQUES as techniques } from './flood-sources.js';

/** Ports that a host has: a scan needs no more SYNs within seconds. */
const PORTS = 65_536;

/** SYN packets that are not meant to become connections. */
export const synFlood: HostDetector = {
  name: 'syn-flood',
  kind: 'syn-flood',
  sees: 'Many SYN packets to one host, hardly any of which become connections.',
  how: 'Counts SYN packets to each host, and how many became connections. What tries port after port is a scan unless it comes from hundreds of sources, or there are more of them than a host has ports.',
  blindTo:
    'Floods that complete their handshakes, those below 80 SYN a second, and those below the threshold of `network-syn-flood` that are spread over a network.',
  evadedBy: 'Seventy SYN a second (85 are told), or completing one handshake in four.',
  techniques: [{ id: 'T1499.001', name: 'Endpoint Denial of Service: OS Exhaustion Flood' }, ...techniques],
  advice: [...advice, 'Turn on SYN cookies on the target or in front of it.'],
  windows: [0],
  gate: { anyOf: [FIELD.synIn], least: ({ synFlood }) => synFlood.synPackets },
  magnitude(window, { synFlood }) {
    const syn = window.at(FIELD.synIn);
    if (window.at(FIELD.establishedIn) > synFlood.completedShare * syn) return 0;
    const isConcentrated = syn > PORTS || syn >= synFlood.synPerPort * window.distinct(SET.portsIn);
    if (!isConcentrated && window.distinct(SET.peersIn) < synFlood.sources) return 0;
    return syn / synFlood.synPackets;
  },
  argue(window, { synFlood }) {
    const syn = window.at(FIELD.synIn);
    const completed = share(window.at(FIELD.establishedIn), syn);
    const { sources, from, flows } = floodPeers(window, 'syn');
    const origins = window.distinct(SET.peersIn);
    return {
      entity: window.address,
      severity: severityFor('high', syn / synFlood.synPackets),
      confidence: Math.min(0.99, 0.99 - completed),
      startUs: window.at(FIELD.firstSynUs),
      endUs: window.at(FIELD.lastSynUs),
      sources,
      targets: [window.address],
      title: `SYN flood against ${window.address}`,
      summary: `${window.address} received ${readable(syn)} SYN packets within ${window.lengthS} s${from}; ${readable(completed * 100)} % became connections.`,
      evidence: [
        { measure: 'SYN packets', unit: 'packet', value: syn, normal: 50, threshold: synFlood.synPackets },
        {
          measure: 'share of them that became connections',
          unit: '1',
          value: completed,
          normal: 0.9,
          threshold: synFlood.completedShare,
        },
        { measure: 'distinct sources of flows', unit: 'host', value: origins },
        { measure: 'SYN packets in the busiest second', unit: 'packet/s', value: window.at(FIELD.synPeakIn) },
      ],
      counterfactual: `Fewer than ${readable(synFlood.synPackets)} SYN packets in ${window.lengthS} s, or more than ${readable(synFlood.completedShare * 100)} % of them completed.`,
      flows,
    };
  },
};

/** Seconds for which a sudden stream must last, and how many times as much it must be as what the host had before. */
const SUDDEN = { seconds: 3, timesBefore: 20 } as const;

/** Whether a host that had little is sent a great stream all at once. Cameras and films are smaller, and collectors had it before. */
function isSuddenStream(window: HostWindow, leastPeak: number): boolean {
  const packets = window.at(FIELD.udpUnansweredIn);
  if (window.at(FIELD.udpPeakIn) < leastPeak || packets < SUDDEN.seconds * leastPeak || window.isGroup) return false;
  const before = window.receivedBefore;
  return before !== undefined && packets / window.lengthS >= SUDDEN.timesBefore * before;
}

/** Unanswered datagrams in numbers that only exhaust. */
export const udpFlood: HostDetector = {
  name: 'udp-flood',
  kind: 'udp-flood',
  sees: 'A great many datagrams to one host that it does not answer.',
  how: 'Counts datagrams in flows of which the target has sent nothing. Few flows are a stream (video, backup, logs) and need twenty times the rate, or four times where it comes for seconds to a host that is known and had a twentieth before; so are reports to the port of a collector, in however many flows, and what gateways exchange. Datagrams filled with one byte over and over are no stream, in however few. Fragments join the flow of their datagram.',
  blindTo: 'Floods that are answered, and those slow enough to pass for a stream, or for reports to a collector.',
  evadedBy:
    'Nine hundred datagrams a second (1,100 are told), or one source port, bytes that differ, and less than 4,000; less than 20,000 where the host was not there half a minute ago.',
  techniques,
  advice,
  windows: [0],
  gate: { anyOf: [FIELD.udpUnansweredIn], least: ({ udpFlood }) => udpFlood.packets },
  magnitude(window, { udpFlood, amplification }) {
    const packets = window.at(FIELD.udpUnansweredIn);
    if (isAmplified(window, amplification)) return 0;
    const peak = window.at(FIELD.udpPeakIn);
    if (window.at(FIELD.udpStartedIn) >= udpFlood.flows)
      return peak < udpFlood.peakPerSecond ? 0 : packets / udpFlood.packets;
    const isFlood = peak >= udpFlood.streamPeakPerSecond || isSuddenStream(window, udpFlood.suddenPeakPerSecond);
    return isFlood ? packets / udpFlood.packets : 0;
  },
  argue(window, { udpFlood }) {
    const packets = window.at(FIELD.udpUnansweredIn);
    const { sources, from, flows } = floodPeers(window, 'udp-unanswered');
    return {
      entity: window.address,
      severity: severityFor('high', packets / udpFlood.packets),
      confidence: 0.85,
      startUs: window.at(FIELD.firstUdpUs),
      endUs: window.at(FIELD.lastUdpUs),
      sources,
      targets: [window.address],
      title: `UDP flood against ${window.address}`,
      summary: `${window.address} received ${readable(packets)} datagrams that it did not answer within ${window.lengthS} s${from}.`,
      evidence: [
        { measure: 'unanswered datagrams', unit: 'packet', value: packets, normal: 20, threshold: udpFlood.packets },
        {
          measure: 'of these in the busiest second',
          unit: 'packet/s',
          value: window.at(FIELD.udpPeakIn),
          threshold: udpFlood.peakPerSecond,
        },
        {
          measure: 'flows that they began',
          unit: 'flow',
          value: window.at(FIELD.udpStartedIn),
          threshold: udpFlood.flows,
        },
      ],
      counterfactual: `Fewer than ${readable(udpFlood.packets)} unanswered datagrams in ${window.lengthS} s.`,
      flows,
    };
  },
};

/** ICMP in numbers that only exhaust. */
export const icmpFlood: HostDetector = {
  name: 'icmp-flood',
  kind: 'icmp-flood',
  sees: 'A great many ICMP messages to one host.',
  how: 'Counts ICMP messages of every type to each host, echo and errors alike.',
  blindTo: 'Floods below the threshold.',
  evadedBy: 'Two hundred messages a second (300 are told), which harms weak firewalls only.',
  techniques,
  advice: [...advice, 'ICMP echo and unreachable messages can be rate-limited at the border without harm.'],
  windows: [0],
  gate: { anyOf: [FIELD.icmpIn], least: ({ icmpFlood }) => icmpFlood.packets },
  magnitude(window, { icmpFlood }) {
    if (window.at(FIELD.icmpPeakIn) < icmpFlood.peakPerSecond) return 0;
    return window.at(FIELD.icmpIn) / icmpFlood.packets;
  },
  argue(window, { icmpFlood }) {
    const packets = window.at(FIELD.icmpIn);
    const { sources, from, flows } = floodPeers(window, 'icmp');
    return {
      entity: window.address,
      severity: severityFor('medium', packets / icmpFlood.packets),
      confidence: 0.85,
      startUs: window.at(FIELD.firstIcmpUs),
      endUs: window.at(FIELD.lastIcmpUs),
      sources,
      targets: [window.address],
      title: `ICMP flood against ${window.address}`,
      summary: `${window.address} received ${readable(packets)} ICMP messages within ${window.lengthS} s${from}.`,
      evidence: [
        { measure: 'ICMP messages', unit: 'packet', value: packets, normal: 10, threshold: icmpFlood.packets },
        {
          measure: 'of these in the busiest second',
          unit: 'packet/s',
          value: window.at(FIELD.icmpPeakIn),
          threshold: icmpFlood.peakPerSecond,
        },
      ],
      counterfactual: `Fewer than ${readable(icmpFlood.packets)} ICMP messages in ${window.lengthS} s.`,
      flows,
    };
  },
};
