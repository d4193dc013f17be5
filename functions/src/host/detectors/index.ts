import type { DistinctSets } from '../../features/distinct-sets.js';
import type { HostConfig } from '../config.js';
import { HostUnlikeItself } from './behaviour/host-unlike-itself.js';
import { RareDestination } from './behaviour/rare-destination.js';
import { TrafficStopped } from './behaviour/traffic-stopped.js';
import { Beacon } from './control/beacon.js';
import { GeneratedDomains } from './control/generated-domains.js';
import { HttpControl } from './control/http-control.js';
import { HttpGate } from './control/http-gate.js';
import { IrcControl } from './control/irc-control.js';
import { ListedContact } from './control/listed-contact.js';
import { LongConnections } from './control/long-connection.js';
import { Mining } from './control/mining.js';
import { RareTlsClient } from './control/rare-tls-client.js';
import { RemoteControl } from './control/remote-control.js';
import { SamePath } from './control/same-path.js';
import { SpamSender } from './control/spam-sender.js';
import { CommunityGuessing } from './credentials/community-guessing.js';
import { HttpGuessing } from './credentials/http-guessing.js';
import { LoginFailures } from './credentials/login-failures.js';
import { LoginRefusals } from './credentials/login-refusals.js';
import { LoginSpraying } from './credentials/login-spraying.js';
import { PasswordGuessing } from './credentials/password-guessing.js';
import type { HostDetector } from './detector.js';
import { amplification } from './flooding/amplification.js';
import { icmpFlood, synFlood, udpFlood } from './flooding/floods.js';
import { HttpFlood } from './flooding/http-flood.js';
import { NETWORK_FLOODS, NetworkFlood } from './flooding/network-flood.js';
import { packetFlood } from './flooding/packet-flood.js';
import { RandomisedRequests } from './flooding/randomised-requests.js';
import { SlowConnections } from './flooding/slow-connections.js';
import { tcpReflection } from './flooding/tcp-reflection.js';
import { AccountListing } from './intrusion/account-listing.js';
import { LoginFanOut } from './intrusion/login-fan-out.js';
import { RpcRefusals } from './intrusion/rpc-refusals.js';
import { SmbControl } from './intrusion/smb-control.js';
import { WebAttack } from './intrusion/web-attack.js';
import type { KeyedDetector } from './keyed-detector.js';
import { DataExfiltration } from './leaving-data/data-exfiltration.js';
import { DnsTunnel } from './leaving-data/dns-tunnel.js';
import { EncryptedDns } from './leaving-data/doh.js';
import { IcmpTunnel } from './leaving-data/icmp-tunnel.js';
import { AddressStarvation } from './local-network/address-starvation.js';
import { ArpSpoofing } from './local-network/arp-spoofing.js';
import { NamePoisoning } from './local-network/name-poisoning.js';
import { NewDevice } from './local-network/new-device.js';
import { RogueServer } from './local-network/rogue-server.js';
import { HighEntropy } from './protocol/high-entropy.js';
import { ProtocolViolation } from './protocol/protocol-violation.js';
import { addressSweep, arpSweep } from './reconnaissance/address-sweep.js';
import { distributedScan } from './reconnaissance/distributed-scan.js';
import { portScan } from './reconnaissance/port-scan.js';
import { ReverseLookUps } from './reconnaissance/reverse-look-ups.js';
import { ServiceProbes } from './reconnaissance/service-probes.js';
import { SlowScan } from './reconnaissance/slow-scan.js';
import { WebProbing } from './reconnaissance/web-probing.js';

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
  tcpReflection,
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
    new RpcRefusals(config, sets),
    new AccountListing(config, sets),
    new SlowScan(config, sets),
    new ReverseLookUps(config, sets),
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
    new RemoteControl(config, sets),
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
    new ListedContact(config, sets),
    new LoginRefusals(config, sets),
    new CommunityGuessing(config, sets),
    new AddressStarvation(config, sets),
    new SamePath(config, sets),
    ...NETWORK_FLOODS.map((matter) => new NetworkFlood(matter, config, sets)),
  ];
}
