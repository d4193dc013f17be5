import { Role } from '@weir/contracts';
import { share } from '../../../features/moments.js';
import type { HostConfig } from '../../config.js';
import { FIELD, SET } from '../../fields.js';
import type { HostWindow } from '../../host-window.js';
import { type HostDetector, readable, severityFor } from '../detector.js';
import { thresholdOf } from '../thresholds.js';

/** Share of the probes from which on a source is the main one. */
const MAIN_SHARE = 0.5;

/** Many hosts try the ports of one, a few each. */
export const distributedScan: HostDetector = {
  name: 'distributed-scan',
  kind: 'port-scan',
  sees: 'A host whose ports are tried by several others, each too little to be noticed alone.',
  how: 'Counts, for each host, the distinct ports of it that were tried in vain, and by how many. Where one source alone tries enough, port-scan speaks instead; where there are hundreds, or the whole network is flooded, they are taken for forged and a flood.',
  blindTo: 'Scans by fewer than five sources, or of many targets at once with a few ports each.',
  evadedBy: 'Thirty ports a minute by all sources together (36 are told), or more targets for each source.',
  techniques: [{ id: 'T1046', name: 'Network Service Discovery' }],
  advice: [
    'Look whether the sources belong together: one provider, one country, one time of beginning.',
    'Check that the ports that answered on the target are meant to be open to them.',
    'Block the sources where the target is not public.',
  ],
  windows: [0, 1, 2],
  gate: { anyOf: [FIELD.probesIn], least: ({ distributedScan }, window) => thresholdOf(distributedScan.ports, window) },
  magnitude(window, config) {
    const { distributedScan, portScan } = config;
    const least = thresholdOf(distributedScan.ports, window.window);
    const probes = window.at(FIELD.probesIn);
    if (failedShareIn(window) < distributedScan.failedShare) return 0;
    const ports = window.distinct(SET.probedPorts);
    if (ports < least) return 0;
    const sources = window.distinct(SET.peersIn);
    if (sources < distributedScan.sources || sources > distributedScan.mostSources) return 0;
    const isSpread = probes / sources < portScan.ports.in10s && !hasMainSource(window);
    return isSpread && !window.isExplained(config) ? ports / least : 0;
  },
  argue(window, config) {
    const { address, lengthS } = window;
    const least = thresholdOf(config.distributedScan.ports, window.window);
    const ports = window.distinct(SET.probedPorts);
    const sources = window.distinct(SET.peersIn);
    const peers = window.peers(Role.responder, 'probes');
    return {
      entity: address,
      severity: severityFor('medium', ports / least, 8),
      confidence: Math.min(0.9, 0.5 + 0.4 * failedShareIn(window)),
      startUs: window.at(FIELD.firstProbeInUs),
      endUs: window.at(FIELD.lastProbeInUs),
      sources: peers.byPackets.map((peer) => peer.address),
      targets: [address],
      title: `${readable(sources)} hosts scan the ports of ${address} together`,
      summary: `${readable(ports)} ports of ${address} were tried without success by ${readable(sources)} hosts within ${lengthS} s, ${readable(window.at(FIELD.probesIn) / sources)} tries each on average.`,
      evidence: evidenceOf(window, config),
      counterfactual: `Fewer than ${least} ports without an answer in ${lengthS} s, or fewer than ${config.distributedScan.sources} sources.`,
      flows: peers.flows,
    };
  },
};

function evidenceOf(window: HostWindow, { distributedScan }: HostConfig) {
  const threshold = thresholdOf(distributedScan.ports, window.window);
  const ports = window.distinct(SET.probedPorts);
  const sources = window.distinct(SET.peersIn);
  const failed = failedShareIn(window);
  return [
    { measure: 'distinct ports tried without success', unit: 'port', value: ports, normal: 3, threshold },
    { measure: 'hosts that opened flows to it', unit: 'host', value: sources, threshold: distributedScan.sources },
    { measure: 'share of these flows that failed', unit: '1', value: failed, threshold: distributedScan.failedShare },
  ];
}

/** Share of the flows to the host that stayed unanswered or were refused. */
function failedShareIn(window: HostWindow): number {
  const failed = window.at(FIELD.probesIn) - window.at(FIELD.lateAnswersIn);
  return share(Math.max(0, failed), window.at(FIELD.startedIn));
}

/** Whether one source makes most of the current second's probes: then it is that one's scan. */
function hasMainSource(window: HostWindow): boolean {
  const { byPackets } = window.peers(Role.responder, 'probes');
  const packets = byPackets.reduce((sum, peer) => sum + peer.packets, 0);
  return byPackets.length > 0 && byPackets[0]!.packets > MAIN_SHARE * packets && packets > byPackets[0]!.packets;
}
