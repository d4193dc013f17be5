import { type Static, Type } from '@sinclair/typebox';

const whole = (value: number, unit: string, description: string, maximum = 1e9) =>
  Type.Integer({ default: value, minimum: 1, maximum, unit, description });
const share = (value: number, description: string) =>
  Type.Number({ default: value, minimum: 0, maximum: 1, unit: 'share', description });

/** Thresholds that grow with the window: for 10 s, 60 s and 300 s. */
const perWindow = (values: readonly [number, number, number], unit: string, description: string) =>
  Type.Object(
    {
      in10s: whole(values[0], unit, 'In ten seconds'),
      in60s: whole(values[1], unit, 'In a minute'),
      in300s: whole(values[2], unit, 'In five minutes'),
    },
    { default: {}, description, additionalProperties: false },
  );

const section = <P extends Parameters<typeof Type.Object>[0]>(properties: P, description: string) =>
  Type.Object(properties, { default: {}, description, additionalProperties: false });

/** Settings of the host function: bounds, and the thresholds of each detector. */
export const HostConfig = section(
  {
    maxHosts: whole(
      16_384,
      'host',
      'Hosts a partition remembers; beyond it the longest untouched are forgotten',
      2 ** 19,
    ),
    maxKeys: whole(16_384, 'key', 'Pairs and domains a detector remembers in one window'),
    portScan: section(
      {
        ports: perWindow([30, 60, 120], 'port', 'Distinct ports of the scanned hosts that did not answer'),
        portsPerTarget: whole(10, 'port', 'Least ports tried on each target, on average'),
        failedShare: share(0.6, 'Least share of flows begun that failed'),
      },
      'One host tries many ports of few hosts',
    ),
    addressSweep: section(
      {
        targets: perWindow([30, 60, 120], 'host', 'Distinct hosts that did not answer'),
        targetsPerPort: whole(10, 'host', 'Least hosts tried on each port, on average'),
        failedShare: share(0.6, 'Least share of flows begun that failed'),
        arpTargets: perWindow([64, 128, 256], 'address', 'Distinct addresses asked for by ARP'),
      },
      'One host tries one port of many hosts',
    ),
    synFlood: section(
      {
        synPackets: whole(800, 'packet', 'SYN packets to one host in ten seconds'),
        completedShare: share(0.2, 'Largest share of them that became connections'),
        synPerPort: whole(20, 'packet', 'Least SYN packets for each port, unless they come from many hosts'),
        sources: whole(200, 'host', 'Hosts that count as many'),
      },
      'SYN packets that are not meant to become connections',
    ),
    udpFlood: section(
      {
        packets: whole(3_000, 'packet', 'Unanswered datagrams to one host in ten seconds'),
        peakPerSecond: whole(1_000, 'packet/s', 'Of these in one second'),
        flows: whole(100, 'flow', 'Flows that they must begin; fewer are a stream'),
        streamPeakPerSecond: whole(20_000, 'packet/s', 'Rate from which even a stream is a flood'),
      },
      'Unanswered datagrams in numbers that only exhaust',
    ),
    icmpFlood: section(
      {
        packets: whole(1_000, 'packet', 'ICMP messages to one host in ten seconds'),
        peakPerSecond: whole(250, 'packet/s', 'Of these in one second'),
      },
      'ICMP in numbers that only exhaust',
    ),
    passwordGuessing: section(
      {
        attempts: whole(8, 'connection', 'Short sessions alike with one login service in five minutes'),
        mailAttempts: whole(40, 'connection', 'The same for mail services, which clients poll'),
        sessionBytes: whole(16_384, 'byte', 'Largest payload each way of a session that looks like a failed login'),
        sessionS: whole(90, 's', 'Longest such session'),
        httpRefusals: whole(20, 'response', 'HTTP 401 or 403, or logins posted, in five minutes'),
      },
      'Logins tried over and over',
    ),
    dnsTunnel: section(
      {
        names: whole(30, 'name', 'Distinct names under one domain asked by one client in five minutes'),
        nameBytes: whole(1_500, 'byte', 'Bytes carried in these names'),
        bytesPerName: whole(22, 'byte', 'Least bytes below the domain in each name'),
        oddTypeShare: share(0.5, 'Share of messages of a type no service uses from which length does not matter'),
      },
      'Data carried in DNS names',
    ),
    highEntropy: section(
      {
        entropyShare: share(0.96, 'Least entropy, of what random bytes of the same number would show'),
        flows: whole(3, 'flow', 'Flows of one pair of hosts in five minutes'),
      },
      'Encrypted or packed payload where the port promises plain text',
    ),
  },
  'Bounds and thresholds of detection by host',
);
export type HostConfig = Static<typeof HostConfig>;
