import { Role } from '@weir/contracts';
import type { HostConfig } from '../../config.js';
import { FIELD, SET } from '../../fields.js';
import type { HostWindow } from '../../host-window.js';
import { type HostDetector, readable, severityFor } from '../detector.js';
import { thresholdOf } from '../thresholds.js';

/** Whether so many hosts are tried in ten seconds that it does not matter on which ports. */
function isHail({ window }: HostWindow, targets: number, { addressSweep }: HostConfig): boolean {
  return window === 0 && targets >= addressSweep.targetsOfAnyPort;
}

/** One host tries one or few ports, or ping, on many hosts. */
export const addressSweep: HostDetector = {
  name: 'address-sweep',
  kind: 'address-sweep',
  sees: 'A host that tries one or few ports, or ping, on many hosts, most of which refuse or stay silent.',
  how: 'Counts, for each host, the distinct hosts that it tried by TCP, UDP, ping or another IP protocol such as SCTP, and that refused or stayed silent: on one or few ports, or so many that no program for file sharing tries them, which opens some thirty connections a second at most.',
  blindTo:
    'Sweeps slower than 24 hosts a minute, sweeps spread over many sources, and sweeps of hosts that all answer.',
  evadedBy: 'Six hosts a minute (20 are told); or mixing in hosts that are known to answer, until less than 60 % fail.',
  techniques: [
    { id: 'T1018', name: 'Remote System Discovery' },
    { id: 'T1046', name: 'Network Service Discovery' },
  ],
  advice: [
    'Find out who runs the source; a worm-infected device looks just like this.',
    'Block or isolate the source unless the sweep was announced.',
    'Look at the hosts that answered: they may be next.',
  ],
  windows: [0, 1, 2],
  gate: { anyOf: [FIELD.probesOut], least: ({ addressSweep }, window) => thresholdOf(addressSweep.targets, window) },
  magnitude(window, config) {
    const least = thresholdOf(config.addressSweep.targets, window.window);
    const targets = window.distinct(SET.probeTargets);
    const ports = Math.max(1, window.distinct(SET.probePorts));
    if (targets < least) return 0;
    if (targets / ports < config.addressSweep.targetsPerPort && !isHail(window, targets, config)) return 0;
    return window.failedShare < config.addressSweep.failedShare ? 0 : targets / least;
  },
  argue(window, config) {
    const least = thresholdOf(config.addressSweep.targets, window.window);
    const targets = window.distinct(SET.probeTargets);
    const ports = window.distinct(SET.probePorts);
    const peers = window.peers(Role.originator, 'probes');
    const named = peers.byPackets.map(({ address }) => address);
    const share = window.failedShare;
    const isOfAnyPort = targets / Math.max(1, ports) < config.addressSweep.targetsPerPort;
    const what = isOfAnyPort ? 'ever other ports' : sweptService(peers.flows[0]);
    return {
      entity: window.address,
      severity: severityFor('medium', targets / least),
      confidence: Math.min(0.99, 0.6 + 0.4 * share),
      startUs: window.at(FIELD.firstProbeUs),
      endUs: window.at(FIELD.lastProbeUs),
      sources: [window.address],
      targets: named.length > 0 ? named : [window.lastTarget],
      title: `${window.address} sweeps ${readable(targets)} hosts`,
      summary: `${window.address} tried ${what} on ${readable(targets)} hosts within ${window.lengthS} s; ${readable(share * 100)} % of what it began was refused or not answered.`,
      evidence: [
        { measure: 'distinct hosts tried without success', unit: 'host', value: targets, normal: 2, threshold: least },
        { measure: 'distinct ports among them', unit: 'port', value: ports },
        {
          measure: 'share of begun flows that failed',
          unit: '1',
          value: share,
          normal: 0.05,
          threshold: config.addressSweep.failedShare,
        },
      ],
      counterfactual: `Fewer than ${least} silent hosts in ${window.lengthS} s, or at least ${readable((1 - config.addressSweep.failedShare) * 100)} % of the flows answered.`,
      flows: peers.flows,
    };
  },
};

function sweptService(flow: { responder: string; protocol: number } | undefined): string {
  if (!flow) return 'the same service';
  if (flow.protocol === 1 || flow.protocol === 58) return 'ping';
  const port = flow.responder.slice(flow.responder.lastIndexOf(':') + 1);
  return `${flow.protocol === 17 ? 'UDP' : 'TCP'} port ${port}`;
}

/** One host asks by ARP for many addresses of its own network. */
export const arpSweep: HostDetector = {
  name: 'arp-sweep',
  kind: 'address-sweep',
  sees: 'A host that asks by ARP, or by the neighbour solicitations of IPv6, for many addresses of its own network.',
  how: 'Counts the distinct addresses that a host asks for. Probes for an own address and announcements do not count.',
  blindTo: 'Sweeps slower than the five-minute threshold, and anything outside the segment of the sensor.',
  evadedBy:
    'Forty-five questions a minute (60 are told), or listening: broadcasts tell the addresses of a network anyway.',
  settings: 'addressSweep',
  techniques: [{ id: 'T1018', name: 'Remote System Discovery' }],
  advice: [
    'Find the device by the address and switch port; routers and inventory tools do this by design: add an exception for them.',
    'Otherwise isolate the device and look for what it reaches next.',
  ],
  windows: [0, 1, 2],
  gate: {
    anyOf: [FIELD.arpRequestsOut],
    least: ({ addressSweep }, window) => thresholdOf(addressSweep.arpTargets, window),
  },
  magnitude(window, config) {
    return window.distinct(SET.arpTargets) / thresholdOf(config.addressSweep.arpTargets, window.window);
  },
  argue(window, config) {
    const least = thresholdOf(config.addressSweep.arpTargets, window.window);
    const targets = window.distinct(SET.arpTargets);
    return {
      entity: window.address,
      severity: 'medium',
      confidence: 0.8,
      startUs: window.at(FIELD.firstArpUs),
      endUs: window.at(FIELD.lastArpUs),
      sources: [window.address],
      targets: [],
      title: `${window.address} asks for ${readable(targets)} addresses of its network`,
      summary: `${window.address} asked by ARP or IPv6 neighbour solicitation for ${readable(targets)} distinct addresses within ${window.lengthS} s.`,
      evidence: [
        {
          measure: 'distinct addresses asked for',
          unit: 'address',
          value: targets,
          normal: 5,
          threshold: least,
        },
      ],
      counterfactual: `Fewer than ${least} addresses in ${window.lengthS} s.`,
      flows: [],
    };
  },
};
