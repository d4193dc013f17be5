import { Role } from '@weir/contracts';
import type { HostConfig } from '../../config.js';
import { FIELD, SET } from '../../fields.js';
import type { HostWindow } from '../../host-window.js';
import { type HostDetector, readable, severityFor } from '../detector.js';
import { thresholdOf } from '../thresholds.js';

/** From so many ports on it is a scan: fewer are enough where they are of few hosts. */
function leastPorts(window: HostWindow, pairs: number, { portScan }: HostConfig): number {
  const areOfFewHosts = pairs / Math.max(1, window.distinct(SET.probeTargets)) >= portScan.portsPerTarget;
  return thresholdOf(areOfFewHosts ? portScan.ports : portScan.grid, window.window);
}

/**
 * Whether many ports are tried of each host, or the same few of each of some. File sharing tries as many, but one port of
 * each host; where there are many hosts for each port it is a sweep.
 */
function isConcentrated(window: HostWindow, pairs: number, { portScan, addressSweep }: HostConfig): boolean {
  const targets = Math.max(1, window.distinct(SET.probeTargets));
  if (pairs / targets >= portScan.portsPerTarget) return true;
  const ports = Math.max(1, window.distinct(SET.probePorts));
  return targets / ports < addressSweep.targetsPerPort && pairs >= portScan.gridSide * Math.max(targets, ports);
}

/** One host tries many ports of one or few hosts (SYN, connect, UDP, FIN, NULL, Xmas, ACK), or many IP protocols. */
export const portScan: HostDetector = {
  name: 'port-scan',
  kind: 'port-scan',
  sees: 'A host that tries many ports of one or few hosts, most of which refuse or stay silent.',
  how: 'Counts, for each host, the distinct pairs of target and port (or IP protocol) that it tried and that were refused or stayed silent; many of one host, or some on each of many. The ports by which paths are traced do not count. A bare ACK or FIN counts when it is refused at once, as ACK and window scans need the refusal; where nobody answers, at ports below 1024 over which no connections are held.',
  blindTo:
    'Scans slower than four ports a minute (see slow-scan), scans through another machine (FTP bounce, idle scan), of hosts that do not refuse by ACK, and seen from one side only.',
  evadedBy: 'Fewer than 20 ports in five minutes; or mixing in as many ports that answer, until less than 60 % fail.',
  techniques: [{ id: 'T1046', name: 'Network Service Discovery' }],
  advice: [
    'Find out who runs the source and whether the scan was announced.',
    'If not, block or isolate the source, and look at what it reached: the flows that were answered.',
    'Check that the ports that answered on the target are meant to be open.',
  ],
  windows: [0, 1, 2],
  gate: { anyOf: [FIELD.probesOut], least: ({ portScan }, window) => thresholdOf(portScan.ports, window) },
  magnitude(window, config) {
    const pairs = window.distinct(SET.probePairs);
    const least = leastPorts(window, pairs, config);
    if (pairs < least || !isConcentrated(window, pairs, config)) return 0;
    return window.failedShare < config.portScan.failedShare ? 0 : pairs / least;
  },
  argue(window, config) {
    const pairs = window.distinct(SET.probePairs);
    const least = leastPorts(window, pairs, config);
    const targets = window.distinct(SET.probeTargets);
    const peers = window.peers(Role.originator, 'probes');
    const odd = window.at(FIELD.oddProbesOut) / Math.max(1, window.at(FIELD.probesOut));
    const manner = odd > 0.5 ? ' with TCP flags no connection begins with' : '';
    const named = peers.byPackets.map((p) => p.address);
    const target = targets > 1 ? `${readable(targets)} hosts` : (named[0] ?? window.lastTarget);
    const share = window.failedShare;
    return {
      entity: window.address,
      severity: severityFor('medium', pairs / least, 8),
      confidence: Math.min(0.99, 0.6 + 0.4 * share),
      startUs: window.at(FIELD.firstProbeUs),
      endUs: window.at(FIELD.lastProbeUs),
      sources: [window.address],
      targets: named.length > 0 ? named : [window.lastTarget],
      title: `${window.address} scans the ports of ${target}`,
      summary: `${window.address} tried ${readable(pairs)} ports on ${target} within ${window.lengthS} s${manner}; ${readable(share * 100)} % of what it began was refused or not answered.`,
      evidence: [
        { measure: 'distinct ports tried without success', unit: 'port', value: pairs, normal: 2, threshold: least },
        { measure: 'hosts they belong to', unit: 'host', value: targets },
        {
          measure: 'share of begun flows that failed',
          unit: '1',
          value: share,
          normal: 0.05,
          threshold: config.portScan.failedShare,
        },
        { measure: 'probes that were refused', unit: 'flow', value: window.at(FIELD.refusedOut) },
      ],
      counterfactual: `Fewer than ${least} ports without an answer in ${window.lengthS} s, or at least ${readable((1 - config.portScan.failedShare) * 100)} % of the flows answered.`,
      flows: peers.flows,
    };
  },
};
