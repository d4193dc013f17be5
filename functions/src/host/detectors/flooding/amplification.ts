import type { FlowReference } from '@weir/contracts';
import type { HostConfig } from '../../config.js';
import { FIELD, SET } from '../../fields.js';
import type { HostWindow } from '../../host-window.js';
import { reflectorName } from '../../reflectors.js';
import { type HostDetector, readable, severityFor } from '../detector.js';
import { FLOOD_ADVICE, floodPeers } from './flood-sources.js';

/** Share of the unanswered datagrams that must look reflected. */
const LEAST_REFLECTED_SHARE = 0.5;

/** Most source ports of what is taken for answers of one service, or of a few together, whatever they are. */
const FEW_PORTS = 3;

/** Flows in ten seconds from which on large answers need not come from many hosts. */
const MANY_FLOWS = 100;

/** What of a host's window looks reflected, and how much of it is a flood. */
interface Reflection {
  readonly packets: number;
  /** Frame bytes of each, on average; undefined where they are not counted apart. */
  readonly meanBytes: number | undefined;
  readonly leastPackets: number;
  readonly leastPeak: number;
  readonly leastSources: number;
}

/** The answers of known services, or of any where dozens of hosts send from the same few ports; undefined where they are few. */
function reflectionOf(window: HostWindow, settings: HostConfig['amplification']): Reflection | undefined {
  const unanswered = window.at(FIELD.udpUnansweredIn);
  const known = window.at(FIELD.reflectedIn);
  if (known > 0 && known >= LEAST_REFLECTED_SHARE * unanswered) return ofKnownServices(window, known, settings);
  const packets = window.at(FIELD.maybeReflectedIn);
  if (packets < LEAST_REFLECTED_SHARE * unanswered || window.distinct(SET.portsFrom) > FEW_PORTS) return undefined;
  const { packets: leastPackets, peakPerSecond: leastPeak, sourcesOfOnePort: leastSources } = settings;
  return { packets, meanBytes: undefined, leastPackets, leastPeak, leastSources };
}

/** Fewer are a flood where they are large. */
function ofKnownServices(window: HostWindow, packets: number, settings: HostConfig['amplification']): Reflection {
  const meanBytes = window.at(FIELD.reflectedBytesIn) / packets;
  const areLarge = meanBytes >= settings.largeBytes;
  return {
    packets,
    meanBytes,
    leastPackets: areLarge ? settings.largePackets : settings.packets,
    leastPeak: areLarge ? settings.largePeakPerSecond : settings.peakPerSecond,
    leastSources: areLarge && packets >= settings.packets && comeAstray(window) ? 1 : settings.sources,
  };
}

/** Whether the answers go to ports all over, as those to made-up questions do; a look-up or a tunnel keeps to its own. */
function comeAstray(window: HostWindow): boolean {
  return window.at(FIELD.udpStartedIn) >= MANY_FLOWS;
}

/** How many times as many answers a host receives unasked as are a flood; 0 where they are none. */
function timesAmplified(window: HostWindow, settings: HostConfig['amplification']): number {
  const reflection = reflectionOf(window, settings);
  if (!reflection || reflection.packets < reflection.leastPackets) return 0;
  if (window.at(FIELD.udpPeakIn) < reflection.leastPeak) return 0;
  return window.distinct(SET.peersIn) < reflection.leastSources ? 0 : reflection.packets / reflection.leastPackets;
}

/** Whether what a host receives unasked is mostly answers of services that can be abused: then no other flood is told. */
export function isAmplified(window: HostWindow, settings: HostConfig['amplification']): boolean {
  return timesAmplified(window, settings) > 0;
}

/** Answers that nobody asked for, from services that answer more than they are asked. */
export const amplification: HostDetector = {
  name: 'amplification',
  kind: 'amplification',
  sees: 'A host that receives a great many answers that it did not ask for, from services that can be abused for reflection.',
  how: 'Counts unanswered datagrams from the ports of four dozen such services; of DNS, NTP and NetBIOS only those larger than ordinary answers. At least half of what the host receives unasked must be of that kind. Where the answers are large, as answers chosen for the purpose are, fewer are enough, and one server is where they go to a hundred ports. Of a service that is not known, it is enough that dozens of hosts send from the same port, or from three at most, to other ports.',
  blindTo:
    'Reflection by other services from fewer than fifty hosts, by any from fewer than ten to one port, or below the threshold. Where a sensor sees one direction only, the answers to a poll of hundreds of devices look alike; and so do reports of dozens of devices to one collector on a port of its own choice, where all send from the same port.',
  evadedBy:
    'Forty large answers a second (90 are told), nine reflectors (12 are told), or a service that is not on the list and forty hosts that offer it.',
  techniques: [{ id: 'T1498.002', name: 'Network Denial of Service: Reflection Amplification' }],
  advice: [
    ...FLOOD_ADVICE,
    "Ask the provider to drop datagrams from the abused service's port: the target needs none of them.",
    'The sources named are abused too: their operators can close the service.',
  ],
  windows: [0],
  gate: { anyOf: [FIELD.udpUnansweredIn], least: ({ amplification: { largePackets } }) => largePackets },
  magnitude(window, { amplification: settings }) {
    return timesAmplified(window, settings);
  },
  argue(window, { amplification: settings }) {
    const { packets, meanBytes, leastPackets: least, leastSources } = reflectionOf(window, settings)!;
    const { flows } = floodPeers(window, 'udp-unanswered');
    const reflectors = window.distinct(SET.peersIn);
    const service = abusedService(flows);
    return {
      entity: window.address,
      severity: severityFor('high', packets / least),
      confidence: 0.9,
      startUs: window.at(FIELD.firstUdpUs),
      endUs: window.at(FIELD.lastUdpUs),
      // Those who send are abused, not to be accused.
      sources: [],
      targets: [window.address],
      title: `${service} answers are reflected at ${window.address}`,
      summary: `${window.address} received ${readable(packets)} ${service} answers${meanBytes === undefined ? '' : ` of ${readable(meanBytes)} bytes each`} within ${window.lengthS} s from about ${readable(reflectors)} hosts, and had asked none of them.`,
      evidence: [
        { measure: 'answers that were not asked for', unit: 'packet', value: packets, normal: 5, threshold: least },
        ...(meanBytes === undefined
          ? []
          : [{ measure: 'bytes of each, on average', unit: 'byte', value: Math.round(meanBytes) }]),
        {
          measure: 'hosts that opened flows to it',
          unit: 'host',
          value: reflectors,
          threshold: leastSources,
        },
        { measure: 'unanswered datagrams in the busiest second', unit: 'packet/s', value: window.at(FIELD.udpPeakIn) },
      ],
      counterfactual: `Fewer than ${readable(least)} such answers in ${window.lengthS} s, or one question of ${window.address} before each.`,
      flows,
    };
  },
};

/** The service most of the shown flows come from, or its port. */
function abusedService(flows: readonly FlowReference[]): string {
  const names = flows.map(({ originator }) => {
    const port = Number(/\d+$/.exec(originator)?.[0]);
    return reflectorName(port) ?? `UDP port ${port}`;
  });
  const [most] = [...new Set(names)].sort((a, b) => countOf(names, b) - countOf(names, a) || (a < b ? -1 : 1));
  return most ?? 'UDP';
}

function countOf(names: readonly string[], name: string): number {
  return names.filter((other) => other === name).length;
}
