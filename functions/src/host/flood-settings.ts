import { section, share, whole } from './setting-types.js';

/** Thresholds of what exhausts a host: floods, reflection, and connections that are held. */
export const FLOOD_SETTINGS = {
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
      suddenPeakPerSecond: whole(
        4_000,
        'packet/s',
        'Rate from which a stream is a flood that comes suddenly to a host which is known and had little before',
      ),
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
  packetFlood: section(
    {
      packets: whole(
        3_000,
        'packet',
        'TCP packets other than SYN, and packets of other protocols, that a host did not answer, in ten seconds',
      ),
      peakPerSecond: whole(1_000, 'packet/s', 'Of these in one second'),
      flows: whole(500, 'flow', 'Flows that they must begin'),
      packetsPerFlow: whole(4, 'packet', 'Most packets in each of these flows, on average; connections carry more'),
    },
    'Packets that belong to no conversation, in numbers that only exhaust',
  ),
  networkFlood: section(
    {
      synPackets: whole(2_400, 'packet', 'SYN packets to the hosts of one network in ten to twenty seconds'),
      packets: whole(6_000, 'packet', 'Unanswered datagrams, ICMP messages or stray packets, likewise'),
      hosts: whole(16, 'host', 'Hosts of the network that receive some in the same second'),
      sources: whole(200, 'host', 'Sources from which they cannot be a scan'),
    },
    'Floods that are spread over a network',
  ),
  amplification: section(
    {
      packets: whole(500, 'packet', 'Unasked answers of services that can be abused, to one host in ten seconds'),
      peakPerSecond: whole(150, 'packet/s', 'Unanswered datagrams in one second'),
      largePackets: whole(200, 'packet', 'The same where answers are large, of which few look-ups have many'),
      largePeakPerSecond: whole(60, 'packet/s', 'Unanswered datagrams in one second, where answers are large'),
      largeBytes: whole(900, 'byte', 'Frame bytes of an answer, on average, from which they are large'),
      sources: whole(10, 'host', 'Least hosts that they come from'),
      sourcesOfOnePort: whole(50, 'host', 'Least hosts where the service is not known, and its port alone is the sign'),
      synAcks: whole(500, 'packet', 'SYN-ACKs without a SYN, to one host in ten seconds'),
      synAckPeakPerSecond: whole(100, 'packet/s', 'Of these in one second'),
    },
    'Answers that nobody asked for, from services that answer more than they are asked',
  ),
  slowDos: section(
    {
      open: whole(60, 'connection', 'Connections of one client to one service, open and without a word of the service'),
      held: whole(
        40,
        'connection',
        'Connections of one client to one service that ended, held for little, in five minutes',
      ),
      heldShare: share(0.5, 'Least share of these among those that ended'),
      heldS: whole(4, 's', 'Least time that a connection is held'),
      heldBytesPerSecond: whole(1_000, 'byte/s', 'Most payload, both ways, of a connection that is held for little'),
      answerBytes: whole(1_024, 'byte', 'Most payload that the service sent in it; an error page is smaller'),
      randomisedHeld: whole(
        8,
        'connection',
        'The same where all requests are for one page, in ever other length; browsers hold six',
      ),
      requestLengths: whole(20, 'length', 'Different lengths of these requests'),
    },
    'Connections that are there to be held, not to be used',
  ),
} as const;
