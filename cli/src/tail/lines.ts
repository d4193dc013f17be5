import {
  type DeadLetter,
  type FlowSummary,
  formatEndpoint,
  type SensorHealth,
  type TrafficWindow,
} from '@weir/contracts';
import { counted, formatClock, formatCount, formatDuration, formatShort, formatTime } from '../report/numbers.js';

const PROTOCOL_NAMES: Readonly<Record<number, string>> = { 1: 'ICMP', 6: 'TCP', 17: 'UDP', 58: 'ICMPv6', 132: 'SCTP' };

/** `2024-05-15 09:01:20  office: TCP 10.0.0.1:4000 → 10.0.0.2:80  answered, 2 s, 12 packets, 4.2 k bytes, http`. */
export function flowLine(flow: FlowSummary): string {
  const protocol = PROTOCOL_NAMES[flow.protocol] ?? `protocol ${flow.protocol}`;
  const from = formatEndpoint(flow.originator, flow.originatorPort);
  const to = formatEndpoint(flow.responder, flow.responderPort);
  const facts = [
    flow.outcome,
    formatDuration(flow.endMs - flow.startMs),
    counted(flow.packets, 'packet'),
    `${formatShort(flow.bytes)} bytes`,
    ...(flow.application === undefined ? [] : [flow.application]),
  ];
  return `${formatTime(flow.startMs)}  ${flow.sensor}: ${protocol} ${from} → ${to}  ${facts.join(', ')}`;
}

/** `2024-05-15 09:01:20  10 s of 10.0.0.1: 1,200 packets, 1.1 M bytes, 12 connections to 3 hosts`. */
export function windowLine(window: TrafficWindow): string {
  const who = window.scope === 'host' ? (window.address ?? 'a host') : `the network (part ${window.partition})`;
  const facts = [
    counted(window.packets, 'packet'),
    `${formatShort(window.bytes)} bytes`,
    `${counted(window.connections, 'connection')} to ${counted(window.destinations, 'host')}`,
  ];
  return `${formatTime(window.startMs)}  ${formatDuration(window.endMs - window.startMs)} of ${who}: ${facts.join(', ')}`;
}

/** `09:01:20  office: 1,200 packets, 0 dropped, 0 late  sent 1,200, 0 waiting, 0 given up`. */
export function healthLine(health: SensorHealth): string {
  const dropped = health.packetsDroppedByKernel + health.packetsDroppedByInterface;
  const seen = [
    counted(health.packetsCaptured, 'packet'),
    `${formatCount(dropped)} dropped`,
    `${formatCount(health.packetsLate)} late`,
  ];
  return `${formatClock(health.atMs)}  ${health.sensor}: ${seen.join(', ')}${agentPart(health.agent)}`;
}

function agentPart(agent: SensorHealth['agent']): string {
  if (agent === undefined) return '';
  const facts = [
    `sent ${counted(agent.packetsSent, 'packet')}`,
    `${counted(agent.messagesQueued, 'message')} waiting`,
    `${counted(agent.packetsDropped, 'packet')} given up`,
  ];
  return `; ${facts.join(', ')}${agent.isCapturing ? '' : '; paused'}`;
}

/** `2024-05-15 09:01:20  packets/3@17: 12 bytes not processed: not an Arrow stream`. */
export function deadLetterLine(letter: DeadLetter): string {
  const where = `${letter.topic}${letter.partition === undefined ? '' : `/${letter.partition}@${letter.offset ?? '?'}`}`;
  const key = letter.key === undefined ? '' : ` with key "${letter.key}"`;
  const bytes = `${counted(letter.lengthBytes, 'byte')}${key}`;
  return `${formatTime(letter.atMs)}  ${where}: ${bytes} not processed: ${letter.reason}`;
}
