import type { HostConfig } from '../../config.js';
import { FIELD, SET } from '../../fields.js';
import type { HostWindow } from '../../host-window.js';
import { type HostDetector, readable, severityFor } from '../detector.js';
import { FLOOD_ADVICE, floodPeers } from './flood-sources.js';

/** Share of the flows of the host that must have begun so; where a sensor sees one direction only, few have no data. */
const LEAST_SHARE = 0.5;

/** Whether many servers send a host SYN-ACKs that it did not ask for: then no other flood is told of them. */
export function isTcpReflected(window: HostWindow, settings: HostConfig['amplification']): boolean {
  const unasked = window.at(FIELD.unaskedIn);
  if (unasked < settings.synAcks || window.at(FIELD.strayPeakIn) < settings.synAckPeakPerSecond) return false;
  if (unasked < LEAST_SHARE * window.at(FIELD.startedOut)) return false;
  return window.distinct(SET.peersIn) >= settings.sources;
}

/** SYN-ACKs that nobody asked for. */
export const tcpReflection: HostDetector = {
  name: 'tcp-reflection',
  kind: 'amplification',
  sees: 'A host that receives a great many SYN-ACKs from many servers, without having sent them a SYN.',
  how: 'Counts flows that begin with a SYN-ACK and hold nothing else but the RST of the host: servers answer SYNs that somebody sent in its name, and repeat themselves where nobody answers. At least half of the flows of the host must be of that kind.',
  blindTo:
    'Reflection from fewer than ten servers (told as a packet flood when it is large), below the threshold, or with data in the answers. Where a sensor sees one direction only, the answers to a scan by the host look alike.',
  evadedBy: 'Ninety SYN-ACKs a second (110 are told), or nine servers.',
  techniques: [{ id: 'T1498.002', name: 'Network Denial of Service: Reflection Amplification' }],
  advice: [
    ...FLOOD_ADVICE,
    'A stateful filter in front of the target drops SYN-ACKs of connections that it does not know.',
    'The sources named are abused too, and mean no harm: blocking them by address may cut off servers that your users need.',
  ],
  windows: [0],
  gate: { anyOf: [FIELD.unaskedIn], least: ({ amplification }) => amplification.synAcks },
  magnitude(window, { amplification }) {
    return isTcpReflected(window, amplification) ? window.at(FIELD.unaskedIn) / amplification.synAcks : 0;
  },
  argue(window, { amplification }) {
    const packets = window.at(FIELD.unaskedIn);
    const servers = window.distinct(SET.peersIn);
    return {
      entity: window.address,
      severity: severityFor('high', packets / amplification.synAcks),
      confidence: 0.9,
      startUs: window.at(FIELD.firstStrayUs),
      endUs: window.at(FIELD.lastStrayUs),
      // Those who send are abused, not to be accused.
      sources: [],
      targets: [window.address],
      title: `SYN-ACKs are reflected at ${window.address}`,
      summary: `${window.address} received ${readable(packets)} SYN-ACKs within ${window.lengthS} s from about ${readable(servers)} servers, and had sent none of them a SYN.`,
      evidence: [
        {
          measure: 'SYN-ACKs that were not asked for',
          unit: 'packet',
          value: packets,
          normal: 5,
          threshold: amplification.synAcks,
        },
        {
          measure: 'hosts that they came from, and that opened flows to it',
          unit: 'host',
          value: servers,
          threshold: amplification.sources,
        },
        {
          measure: 'stray packets in the busiest second',
          unit: 'packet/s',
          value: window.at(FIELD.strayPeakIn),
          threshold: amplification.synAckPeakPerSecond,
        },
      ],
      counterfactual: `Fewer than ${readable(amplification.synAcks)} SYN-ACKs in ${window.lengthS} s, or one SYN of ${window.address} before each.`,
      flows: floodPeers(window, 'unasked').flows,
    };
  },
};
