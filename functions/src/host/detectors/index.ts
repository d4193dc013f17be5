import type { DistinctSets } from '../../features/distinct-sets.js';
import type { HostConfig } from '../config.js';
import { addressSweep, arpSweep } from './address-sweep.js';
import { amplification } from './amplification.js';
import { ArpSpoofing } from './arp-spoofing.js';
import { Beacon } from './beacon.js';
import { DataExfiltration } from './data-exfiltration.js';
import type { HostDetector } from './detector.js';
import { distributedScan } from './distributed-scan.js';
import { DnsTunnel } from './dns-tunnel.js';
import { EncryptedDns } from './doh.js';
import { icmpFlood, synFlood, udpFlood } from './floods.js';
import { GeneratedDomains } from './generated-domains.js';
import { HighEntropy } from './high-entropy.js';
import { HostUnlikeItself } from './host-unlike-itself.js';
import { HttpControl } from './http-control.js';
import { HttpFlood } from './http-flood.js';
import { HttpGate } from './http-gate.js';
import { HttpGuessing } from './http-guessing.js';
import { IcmpTunnel } from './icmp-tunnel.js';
import { IrcControl } from './irc-control.js';
import type { KeyedDetector } from './keyed-detector.js';
import { LoginFailures } from './login-failures.js';
import { LoginFanOut } from './login-fan-out.js';
import { LoginSpraying } from './login-spraying.js';
import { LongConnections } from './long-connection.js';
import { Mining } from './mining.js';
import { NamePoisoning } from './name-poisoning.js';
import { NewDevice } from './new-device.js';
import { packetFlood } from './packet-flood.js';
import { PasswordGuessing } from './password-guessing.js';
import { portScan } from './port-scan.js';
import { ProtocolViolation } from './protocol-violation.js';
import { RandomisedRequests } from './randomised-requests.js';
import { RareDestination } from './rare-destination.js';
import { RareTlsClient } from './rare-tls-client.js';
import { RogueServer } from './rogue-server.js';
import { ServiceProbes } from './service-probes.js';
import { SlowConnections } from './slow-connections.js';
import { SlowScan } from './slow-scan.js';
import { SmbControl } from './smb-control.js';
import { SpamSender } from './spam-sender.js';
import { TrafficStopped } from './traffic-stopped.js';
import { WebAttack } from './web-attack.js';
import { WebProbing } from './web-probing.js';

export type { Argument, DetectorCard, HostDetector } from './detector.js';
export type { KeyedDetector } from './keyed-detector.js';

/** Detectors that look at the windows of each host. A new one is a file beside these and a line here. */
export const HOST_DETECTORS: readonly HostDetector[] = [
  portScan,
  addressSweep,
  arpSweep,
  distributedScan,
  synFlood,
  udpFlood,
  icmpFlood,
  packetFlood,
  amplification,
];

/** Detectors that look at pairs of hosts, and at clients and domains; one set for each partition. */
export function createKeyedDetectors(config: HostConfig, sets: DistinctSets): KeyedDetector[] {
  return [
    new PasswordGuessing(config, sets),
    new HttpGuessing(config, sets),
    new DnsTunnel(config, sets),
    new HighEntropy(config, sets),
    new SlowConnections(config, sets),
    new RandomisedRequests(config, sets),
    new WebProbing(config, sets),
    new WebAttack(config, sets),
    new ServiceProbes(config, sets),
    new SmbControl(config, sets),
    new SlowScan(config, sets),
    new HttpFlood(config, sets),
    new LoginFailures(config, sets),
    new LoginSpraying(config, sets),
    new LoginFanOut(config, sets),
    new ProtocolViolation(config, sets),
    new Beacon(config),
    new IcmpTunnel(config, sets),
    new ArpSpoofing(config),
    new HttpGate(config, sets),
    new HttpControl(config, sets),
    new IrcControl(config, sets),
    new Mining(config, sets),
    new SpamSender(config, sets),
    new GeneratedDomains(config, sets),
    new DataExfiltration(config),
    new LongConnections(config),
    new NamePoisoning(config, sets),
    new NewDevice(config),
    new RogueServer(config),
    new RareDestination(config),
    new RareTlsClient(config),
    new EncryptedDns(config),
    new HostUnlikeItself(config),
    new TrafficStopped(config),
  ];
}
