import { type Static, Type } from '@sinclair/typebox';
import { IndicatorList, ThresholdRule } from '../rules/rules.js';
import { FLOOD_SETTINGS } from './flood-settings.js';
import { perWindow, section, share, whole } from './setting-types.js';
import { WEB_SETTINGS } from './web-settings.js';

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
    maxLastingKeys: whole(4096, 'key', 'Pairs and addresses a detector remembers for hours or days'),
    portScan: section(
      {
        ports: perWindow([20, 20, 20], 'port', 'Distinct ports of the scanned hosts that did not answer'),
        portsPerTarget: whole(10, 'port', 'Least ports tried on each target, on average'),
        grid: perWindow([60, 80, 120], 'port', 'The same where a few ports are tried on each of several hosts'),
        gridSide: whole(3, '1', 'Least ports tried on each of these, and hosts for each of these ports, on average'),
        failedShare: share(0.6, 'Least share of flows begun that failed'),
      },
      'One host tries many ports of few hosts',
    ),
    addressSweep: section(
      {
        targets: perWindow([30, 40, 60], 'host', 'Distinct hosts that did not answer'),
        targetsPerPort: whole(10, 'host', 'Least hosts tried on each port, on average'),
        targetsOfAnyPort: whole(800, 'host', 'Hosts that did not answer in ten seconds, on whatever ports'),
        failedShare: share(0.6, 'Least share of flows begun that failed'),
        arpTargets: perWindow([64, 128, 256], 'address', 'Distinct addresses asked for by ARP or its IPv6 counterpart'),
      },
      'One host tries one port of many hosts',
    ),
    slowScan: section(
      {
        ports: whole(20, 'port', 'Distinct ports that did not answer, in an hour'),
        portsPerTarget: whole(2, 'port', 'Least ports tried on each target in each five minutes, on average'),
        failedShare: share(0.6, 'Least share of flows begun that failed, in each five minutes'),
      },
      'One host tries port after port over an hour',
    ),
    distributedScan: section(
      {
        ports: perWindow([40, 80, 160], 'port', 'Distinct ports of one host that were tried without an answer'),
        sources: whole(5, 'host', 'Least hosts that try'),
        mostSources: whole(200, 'host', 'More are taken for forged'),
        failedShare: share(0.6, 'Least share of the flows to the host that failed'),
      },
      'Many hosts try the ports of one, a few each',
    ),
    reverseLookUps: section(
      {
        addresses: whole(64, 'address', 'Addresses of one network of 256 that a host asks the name of in five minutes'),
      },
      'One host asks for the names of a network',
    ),
    ...FLOOD_SETTINGS,
    ...WEB_SETTINGS,
    spamSender: section(
      { servers: whole(12, '1', 'Mail servers that greet a host, or domains that it asks an MX for, in five minutes') },
      'Mail delivered to many servers',
    ),
    lateralMovement: section(
      {
        controls: whole(
          2,
          'request',
          'Administrative shares and control pipes of one host opened by another, in five minutes',
        ),
        machines: whole(6, 'host', 'Machines of the network that one of its hosts logs in to, in five minutes'),
        listingCalls: whole(
          30,
          'call',
          'Remote calls of one host that list accounts, sessions or shares, in five minutes',
        ),
        refusedCalls: whole(20, 'call', 'Remote procedure calls of one host that another refuses, in five minutes'),
      },
      'One inside host takes control of others',
    ),
    protocolViolation: section(
      {
        breaches: whole(
          10,
          'flow',
          'Flows of one host to another with breaches that no working system makes, in five minutes',
        ),
      },
      'Packets made to break or to confuse whoever reads them',
    ),
    sensorLoss: section(
      {
        packets: whole(100, 'packet', 'Packets that a sensor loses in a minute'),
        share: share(0.01, 'Least share of all its packets in that minute'),
      },
      'Packets that are lost before they can be read',
    ),
    oneSidedTraffic: section(
      {
        connections: whole(20, 'connection', 'Connections with data in a minute of which a sensor sees one side alone'),
        share: share(0.5, 'Least share of these among all connections of that minute'),
        minutes: whole(3, 'min', 'Such minutes of the last five'),
      },
      'A sensor that is shown one direction of the traffic',
    ),
    sensorLag: section(
      {
        seconds: whole(10, 's', 'Age of packets when they are read, or of batches that wait to be sent'),
        minutes: whole(3, 'min', 'Minutes in a row in which it is that high'),
      },
      'A live sensor that falls behind',
    ),
    sensorClock: section(
      {
        seconds: whole(5, 's', 'By how much the clock of a sensor is set, or off'),
        minutes: whole(3, 'min', 'Time for which it is off; a clock that is set is told at once'),
      },
      'A live sensor whose clock is wrong',
    ),
    passwordGuessing: section(
      {
        attempts: whole(6, 'connection', 'Short sessions alike with one login service in five minutes'),
        mailAttempts: whole(40, 'connection', 'The same for mail services, which clients poll'),
        sessionBytes: whole(16_384, 'byte', 'Largest payload each way of a session that looks like a failed login'),
        sessionS: whole(90, 's', 'Longest such session'),
        failures: whole(6, 'login', 'Logins that servers refuse in so many words, in five minutes'),
        sprayedHosts: whole(5, 'host', 'Hosts from which on these are told of the source, not of one target'),
        refusals: whole(20, 'login', 'Logins that LDAP, Kerberos or SIP servers refuse one host, in five minutes'),
        communities: whole(8, 'community', 'Communities by which one host asks another by SNMP, in five minutes'),
        httpRefusals: whole(12, 'response', 'HTTP 401 or 403, or logins posted, in five minutes'),
      },
      'Logins tried over and over',
    ),
    dnsTunnel: section(
      {
        names: whole(30, 'name', 'Distinct names under one domain asked by one client in five minutes'),
        nameBytes: whole(1_500, 'byte', 'Bytes carried in these names'),
        bytesPerName: whole(22, 'byte', 'Least bytes below the domain in each name'),
        textAnswerBytes: whole(250, 'byte', 'Mean length of TXT answers from which the names may be short'),
        oddTypeShare: share(
          0.5,
          'Share of messages of a type that hardly any host asks for from which length does not matter',
        ),
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
    beacon: section(
      {
        score: share(0.75, 'Least score of evenness and persistence, weighed by how rare the destination is'),
        gaps: whole(12, 'gap', 'Least gaps between visits'),
        leastS: whole(300, 's', 'Least time that they span; what is over sooner waited for something'),
        bytesPerVisit: whole(65_536, 'byte', 'Largest payload of a visit, both ways, on average'),
      },
      'A program that calls home at even times',
    ),
    icmpTunnel: section(
      {
        unequalSeconds: whole(4, 's', 'Seconds in five minutes in which replies did not repeat their requests'),
        unequalShare: share(0.3, 'Least share of the seconds with replies'),
        lengths: whole(6, 'length', 'Least distinct lengths of messages, each way counted apart'),
        bytes: whole(2_000, 'byte', 'Least bytes in five minutes'),
        differing: whole(
          20,
          'message',
          'Messages that hold what no ping does, whatever their lengths, in five minutes; of one second eight count',
        ),
      },
      'Data carried in echo messages',
    ),
    arpSpoofing: section(
      {
        unaskedAnswers: whole(8, 'message', 'Answers in five minutes to hosts that had not asked'),
        addresses: whole(2, 'address', 'Addresses claimed by one machine, from which one such answer is enough'),
      },
      'ARP that leads traffic astray',
    ),
    dataExfiltration: section(
      {
        bytes: whole(50_000_000, 'byte', 'Sent to one place outside in five to ten minutes, by a host that is known'),
        bytesInPieces: whole(5_000_000, 'byte', 'The same when it went in many connections'),
        pieces: whole(200, 'connection', 'Connections that are many'),
        sentOverReceived: whole(5, '1', 'Least bytes sent for each byte received'),
        knownSpans: whole(12, 'span', 'Spans of five minutes with traffic after which a host is known'),
      },
      'Much that leaves the network for a new place',
    ),
    longConnection: section(
      { hours: whole(4, 'h', 'Duration from which a connection is long') },
      'Connections that are held for hours',
    ),
    namePoisoning: section(
      { names: whole(4, 'name', 'Names that one host answers for with its own address in five minutes') },
      'A host that says to be others',
    ),
    addressStarvation: section(
      { machines: whole(150, 'address', 'Hardware addresses that look for a DHCP server in ten to twenty seconds') },
      'Machines that do not exist ask for all addresses of a network',
    ),
    learning: section(
      {
        hours: whole(24, 'h', 'Time for which a network or host is learnt before anything there is new'),
        rememberDays: whole(30, 'day', 'Time after which what was not seen again is new'),
        rareBytes: whole(1_000_000, 'byte', 'Payload exchanged with a new destination from which it is told'),
      },
      'What is new: devices, servers, destinations, programs',
    ),
    hostUnlikeItself: section(
      {
        deviations: whole(4, 'mean deviation', 'By how much the logarithm of an hour lies above what is usual'),
        hoursLearnt: whole(18, 'h', 'Hours of this part of the week that must have been learnt'),
      },
      'A host that does not do as it usually does',
    ),
    trafficStopped: section(
      {
        steadyMinutes: whole(60, 'min', 'Time for which a service was used without a long break'),
        silentMinutes: whole(10, 'min', 'Time without any answered connection since'),
      },
      'A service that nobody reaches any more',
    ),
    generatedDomains: section(
      {
        names: whole(10, 'domain', 'Distinct domains that do not exist, asked by one client in five minutes'),
        surpriseBits: Type.Number({
          default: 5,
          minimum: 0,
          maximum: 10,
          unit: 'bit/character',
          description: 'Least surprise of their names, on average: chosen names have 3.8, random letters 6.2',
        }),
        failedShare: share(0.3, 'Least share of its answers that were failures'),
      },
      'Domains that a program has made up',
    ),
    rules: Type.Array(ThresholdRule, { default: [], maxItems: 256, description: 'Thresholds of a rule file' }),
    lists: Type.Array(IndicatorList, { default: [], maxItems: 64, description: 'Lists of a rule file' }),
  },
  'Bounds and thresholds of detection by host',
);
export type HostConfig = Static<typeof HostConfig>;
