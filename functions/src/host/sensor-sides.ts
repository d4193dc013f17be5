import { type ActivityTable, type Alert, FlowEvent, finish, hashAddress, mix } from '@weir/contracts';
import { share } from '../features/moments.js';
import { blindnessOf, raiseAlert } from './alerts.js';
import type { HostConfig } from './config.js';
import { type DetectorCard, readable } from './detectors/detector.js';
import { isReflected } from './reflectors.js';
import type { HostPartitionState } from './state.js';

const MINUTE_S = 60;
/** Minutes that are looked back on. */
const MINUTES_KEPT = 5;
/** More distinct things than this are many. */
const MANY = 16;
/** Distinct servers without which it may be one server that is flooded, or that answers by another way. */
const LEAST_SERVERS = 3;
/** Distinct clients without which questions over UDP may be a scan, and answers reflected. */
const LEAST_CLIENTS = 3;
/** A SYN-ACK with all its options is shorter; with data among the packets they are longer on average. */
const FRAME_WITHOUT_DATA_BYTES = 100;
/** Share from which hardly anything is seen whole. */
const NEARLY_ALL = 0.9;
/** Services over UDP that answer each question: DNS and NTP. */
const DNS = 53;
const NTP = 123;

/** What one-sided traffic is told as. */
export const ONE_SIDED: DetectorCard = {
  name: 'one-sided-traffic',
  kind: 'one-sided-traffic',
  sees: 'A sensor that is shown one direction of most conversations, as by a mirror port set to one direction, one of two taps, or routes that differ there and back.',
  how: 'Counts, minute by minute, the TCP connections of which both sides are seen, and those that carry data though only one side is: a handshake without its SYN-ACK, or without its SYN. In minutes without a connection that is seen whole, DNS and NTP without answers or without questions count too, for a sensor that has never seen an answer to such. Three such minutes of five, with several servers, are told. Unanswered SYNs, and connections that were under way before, count for nothing.',
  blindTo:
    'UDP other than DNS and NTP, and these beside TCP that is seen whole, of fewer than three clients, or one-sided only later; a sensor before fewer than three servers; traffic of which one direction is missing for few hosts only. In a cluster each host partition judges by the hosts that it counts; what they tell of a sensor is one incident.',
  evadedBy: 'Nothing that an attacker does.',
  settings: 'oneSidedTraffic',
  techniques: [{ id: 'T1562', name: 'Impair Defenses' }],
  advice: [
    'Look at the mirror port of the switch: it must copy what is sent and what is received (often "both"), and its target port must be fast enough for both.',
    'With a tap that has an output a direction, capture both outputs together (a bond). With routes that differ there and back, put a sensor on each.',
    'Meanwhile take care: what tells by handshakes and answers (scans, floods, refused logins, requests with their responses) is blind, or takes ordinary connections for unanswered ones.',
  ],
};

/** Connections of a minute: seen whole, and of which one side alone was seen; and of these, the pairs and servers, up to MANY. */
interface MinuteOfSides {
  both: number;
  /** Only who began it, and only who answered. */
  asking: number;
  answering: number;
  pairs: number[];
  servers: number[];
}

/** Which sides of connections a sensor sees. */
export interface SensorSides {
  now: MinuteOfSides;
  /** The same of UDP, with the clients, up to MANY. */
  datagrams: MinuteOfSides & { clients: number[] };
  /** Whether an answer over UDP was ever seen: from then on, what is not answered may as well be an outage. */
  isAnswered: boolean;
  /** Minutes of the last five that were one-sided, oldest first. */
  past: { startS: number; one: number; all: number }[];
}

const noSides = (): MinuteOfSides => ({ both: 0, asking: 0, answering: 0, pairs: [], servers: [] });
const noDatagrams = (): SensorSides['datagrams'] => ({ ...noSides(), clients: [] });

/** What is known of a sensor's sides, made if need be. */
export function sidesOf({ sides }: HostPartitionState, sensor: string): SensorSides {
  let known = sides.get(sensor);
  if (!known) {
    known = { now: noSides(), datagrams: noDatagrams(), isAnswered: false, past: [] };
    sides.set(sensor, known);
  }
  return known;
}

/**
 * Counts row `i` of TCP, in which a flow was answered or established, where this partition counts the originator. A
 * connection comes here once as seen whole or as one-sided: in the row in which it is established, or else in its first.
 */
export function countSides({ now }: SensorSides, activity: ActivityTable, i: number): void {
  const { events, originatorPackets, responderPackets, responderBytes } = activity.columns;
  const happened = events[i]!;
  if (happened & FlowEvent.established) {
    if (!(happened & FlowEvent.unanswered)) {
      now.both++;
      return;
    }
    now.asking++;
  } else {
    // It began with the SYN-ACK: who asked was not seen.
    const isAnswerAlone = happened & FlowEvent.started && originatorPackets[i] === 0 && responderPackets[i]! > 1;
    if (!isAnswerAlone || responderBytes[i]! < responderPackets[i]! * FRAME_WITHOUT_DATA_BYTES) return;
    now.answering++;
  }
  const { originatorAddress, responderAddress } = activity.columns;
  addPair(now, hashAddress(originatorAddress.words, i * 4), hashAddress(responderAddress.words, i * 4));
}

/** Counts row `i` of UDP, where this partition counts the originator, which is whoever was seen first. */
export function countDatagramSides(sides: SensorSides, activity: ActivityTable, i: number): void {
  const { events, originatorPort, responderPort, originatorAddress, responderAddress } = activity.columns;
  if (sides.isAnswered) return;
  const [from, to] = [originatorPort[i]!, responderPort[i]!];
  const isAsking = isServicePort(to);
  if (!isAsking && !isServicePort(from)) return;
  if (events[i]! & FlowEvent.answered) {
    sides.isAnswered = true;
    return;
  }
  // Each flow once. Large answers that nobody asked for may be reflected.
  if (!(events[i]! & FlowEvent.started) || isReflected(activity, i)) return;
  const { datagrams } = sides;
  const [first, second] = [hashAddress(originatorAddress.words, i * 4), hashAddress(responderAddress.words, i * 4)];
  if (isAsking) datagrams.asking++;
  else datagrams.answering++;
  const [client, server] = isAsking ? [first, second] : [second, first];
  addUpToMany(datagrams.clients, client);
  addPair(datagrams, client, server);
}

function isServicePort(port: number): boolean {
  return port === DNS || port === NTP;
}

function addPair({ servers, pairs }: MinuteOfSides, client: number, server: number): void {
  addUpToMany(servers, server);
  addUpToMany(pairs, finish(mix(client, server)));
}

function addUpToMany(known: number[], hash: number): void {
  if (known.length < MANY && !known.includes(hash)) known.push(hash);
}

/** A new minute begins at `minuteS`: the alerts that sensors see one side only, as the minute that is over shows. */
export function oneSidedAlerts(state: HostPartitionState, minuteS: number, { oneSidedTraffic }: HostConfig): Alert[] {
  const startS = state.windowStartS[1]!;
  const alerts: Alert[] = [];
  for (const [sensor, sides] of state.sides) {
    const now = judged(sides);
    sides.now = noSides();
    sides.datagrams = noDatagrams();
    sides.past = sides.past.filter((minute) => minuteS - minute.startS <= MINUTES_KEPT * MINUTE_S);
    if (!isOneSided(now, oneSidedTraffic)) continue;
    sides.past.push({ startS, one: now.asking + now.answering, all: now.both + now.asking + now.answering });
    if (sides.past.length < oneSidedTraffic.minutes) continue;
    alerts.push(
      oneSidedAlert(state, { sensor, sides, minuteS, isAsking: now.asking > now.answering, oneSidedTraffic }),
    );
  }
  return alerts;
}

/**
 * The minute as it is judged: with UDP where that was never answered, no TCP connection shows that both sides are seen, and it
 * is no scan by one host, or reflection onto one.
 */
function judged({ now, datagrams, isAnswered }: SensorSides): MinuteOfSides {
  if (isAnswered || now.both > 0 || datagrams.clients.length < LEAST_CLIENTS) return now;
  const all = { ...now, asking: now.asking + datagrams.asking, answering: now.answering + datagrams.answering };
  for (const name of ['pairs', 'servers'] as const) {
    all[name] = [...now[name]];
    for (const hash of datagrams[name]) addUpToMany(all[name], hash);
  }
  return all;
}

function isOneSided(now: MinuteOfSides, { connections, share: least }: HostConfig['oneSidedTraffic']): boolean {
  const one = now.asking + now.answering;
  const isWidespread = now.pairs.length >= MANY / 2 && now.servers.length >= LEAST_SERVERS;
  return isWidespread && one >= connections && one >= least * (one + now.both);
}

interface OneSided {
  sensor: string;
  sides: SensorSides;
  minuteS: number;
  isAsking: boolean;
  oneSidedTraffic: HostConfig['oneSidedTraffic'];
}

function oneSidedAlert(state: HostPartitionState, finding: OneSided): Alert {
  const { sensor, sides, minuteS, isAsking, oneSidedTraffic } = finding;
  const one = sides.past.reduce((sum, minute) => sum + minute.one, 0);
  const all = sides.past.reduce((sum, minute) => sum + minute.all, 0);
  const part = share(one, all);
  const seen = isAsking ? 'what clients send' : 'what servers send';
  const argument = {
    entity: sensor,
    severity: part >= NEARLY_ALL ? ('medium' as const) : ('low' as const),
    confidence: part >= NEARLY_ALL ? 0.95 : 0.8,
    startUs: sides.past[0]!.startS * 1e6,
    endUs: (sides.past.at(-1)!.startS + MINUTE_S) * 1e6,
    sources: [],
    targets: [],
    title: `Sensor ${sensor} sees one side of most conversations`,
    summary: `Of ${readable(all)} conversations that carried data in ${sides.past.length} minutes, sensor ${sensor} saw one side alone of ${readable(one)} (${readable(part * 100)} %), mostly ${seen}.`,
    evidence: [
      {
        measure: 'conversations with data of which one side was seen',
        unit: 'conversation',
        value: one,
        normal: 0,
        threshold: oneSidedTraffic.connections,
      },
      { measure: 'share of all', unit: '1', value: part, normal: 0, threshold: oneSidedTraffic.share },
      {
        measure: 'minutes of the last five',
        unit: 'min',
        value: sides.past.length,
        threshold: oneSidedTraffic.minutes,
      },
    ],
    counterfactual: `Both sides of more than ${readable((1 - oneSidedTraffic.share) * 100)} % of the conversations.`,
    flows: [],
  };
  return raiseAlert(ONE_SIDED, argument, {
    windowStartS: minuteS,
    detectedAtMs: minuteS * 1000,
    magnitude: part / oneSidedTraffic.share,
    sensors: [sensor],
    blindness: blindnessOf(state),
  });
}
