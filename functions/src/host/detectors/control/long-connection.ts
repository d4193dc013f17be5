import {
  type ActivityTable,
  FlowEvent,
  finish,
  formatAddress,
  formatEndpoint,
  hashAddress,
  mix,
} from '@weir/contracts';
import type { HostConfig } from '../../config.js';
import { isOutside } from '../address-scope.js';
import { type Argument, readable } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { flowsOf, keepFlow } from '../stores/kept-flows.js';
import { type LastingEntry, LastingKeys } from '../stores/lasting-keys.js';

interface LongConnection {
  client: string;
  server: string;
  port: number;
  /** Of the longest connection that has ended. */
  durationMs: number;
  sentBytes: number;
  receivedBytes: number;
}

/** Connections to the outside that are held for hours, as those of remote control are. */
export class LongConnections implements KeyedDetector<LastingEntry<LongConnection>> {
  readonly name = 'long-connection';
  readonly kind = 'long-connection';
  readonly sees = 'A connection to a place outside that lasted for hours.';
  readonly how = 'The duration of each connection is looked at when it ends, or has idled out.';
  readonly blindTo =
    'A connection until it ends. Push services, remote desktops and private networks last as long: it is of low severity, to be read together with what else the host does.';
  readonly evadedBy = 'Connections that are closed and opened again within the threshold.';
  readonly techniques = [{ id: 'T1071', name: 'Application Layer Protocol' }];
  readonly advice = ['Find out who runs the destination, and which program on the client held the connection.'];
  readonly counts: LastingKeys<LongConnection>;

  constructor(config: HostConfig) {
    this.counts = new LastingKeys<LongConnection>(
      { maxKeys: config.maxLastingKeys, idleS: () => 86_400, periodS: 86_400 },
      () => undefined,
    );
  }

  observeActivity(activity: ActivityTable, i: number, { longConnection }: HostConfig): void {
    const c = activity.columns;
    if (!(c.events[i]! & FlowEvent.ended) || c.totalDurationMs[i]! < longConnection.hours * 3_600_000) return;
    if (!isOutside(c.responderAddress.bytes, i * 16)) return;
    const client = hashAddress(c.originatorAddress.words, i * 4);
    const key = finish(mix(mix(client, hashAddress(c.responderAddress.words, i * 4)), c.responderPort[i]!));
    const entry = this.counts.get(key) ?? this.counts.add(key, () => newConnection(activity, i));
    if (!entry) return;
    const { about } = entry;
    if (c.totalDurationMs[i]! > about.durationMs) {
      about.durationMs = c.totalDurationMs[i]!;
      about.sentBytes = c.totalOriginatorBytes[i]!;
      about.receivedBytes = c.totalResponderBytes[i]!;
    }
    this.counts.touch(entry, c.lastTimeUs[i]! - c.totalDurationMs[i]! * 1000, c.lastTimeUs[i]!);
    keepFlow(entry.flows, activity, i);
  }

  magnitude({ about }: LastingEntry<LongConnection>, { longConnection }: HostConfig): number {
    return about.durationMs / 3_600_000 / longConnection.hours;
  }

  argue(entry: LastingEntry<LongConnection>, { longConnection }: HostConfig): Argument {
    const { client, server, port, durationMs, sentBytes, receivedBytes } = entry.about;
    const hours = durationMs / 3_600_000;
    return {
      entity: `${client} > ${server}:${port}`,
      severity: hours >= 6 * longConnection.hours ? 'low' : 'info',
      confidence: 0.3,
      startUs: entry.firstUs,
      endUs: entry.lastUs,
      sources: [client],
      targets: [server],
      title: `${client} was connected to ${formatEndpoint(server, port)} for ${readable(hours)} h`,
      summary: `${client} held a connection to ${formatEndpoint(server, port)} for ${readable(hours)} h, sent ${readable(sentBytes)} bytes and received ${readable(receivedBytes)}.`,
      evidence: [
        { measure: 'duration', unit: 'h', value: hours, normal: 0.1, threshold: longConnection.hours },
        { measure: 'sent', unit: 'byte', value: sentBytes },
        { measure: 'received', unit: 'byte', value: receivedBytes },
      ],
      counterfactual: `A connection that ends within ${longConnection.hours} h.`,
      flows: flowsOf(entry),
    };
  }
}

function newConnection(activity: ActivityTable, i: number): LongConnection {
  const c = activity.columns;
  return {
    client: formatAddress(c.originatorAddress.bytes, i * 16),
    server: formatAddress(c.responderAddress.bytes, i * 16),
    port: c.responderPort[i]!,
    durationMs: 0,
    sentBytes: 0,
    receivedBytes: 0,
  };
}
