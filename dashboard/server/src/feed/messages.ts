import { TypeCompiler } from '@sinclair/typebox/compiler';
import { FlowSummary, parseIncident, parseSensorHealth, Topic, TrafficWindow } from '@weir/contracts';
import type { FeedEvent } from './feed.js';

/** Topics that the dashboard reads. */
export const FEED_TOPICS = [Topic.anomalyAlerts, Topic.networkFlows, Topic.normalTraffic, Topic.sensorHealth] as const;

/** Longer messages are refused unread. */
const LONGEST_BYTES = 16 * 1024 * 1024;

const isFlow = TypeCompiler.Compile(FlowSummary);
const isWindow = TypeCompiler.Compile(TrafficWindow);

/** What a message says, and how many parts of it could not be understood. */
export interface ReadMessage {
  readonly events: FeedEvent[];
  readonly refused: number;
}

/** Reads a message of one of the topics. Never throws: what cannot be understood is counted. */
export function readMessage(topic: string, value: Uint8Array | null): ReadMessage {
  // No value takes back what was said under a key; history keeps it.
  if (value === null || value.length === 0) return { events: [], refused: 0 };
  if (value.length > LONGEST_BYTES) return { events: [], refused: 1 };
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  const events: FeedEvent[] = [];
  for (const line of lines) {
    const event = readLine(topic, line);
    if (event) events.push(event);
  }
  return { events, refused: lines.length - events.length };
}

function readLine(topic: string, line: string): FeedEvent | undefined {
  try {
    switch (topic) {
      case Topic.anomalyAlerts:
        return { kind: 'incident', incident: parseIncident(line) };
      case Topic.sensorHealth:
        return { kind: 'health', health: parseSensorHealth(line) };
      case Topic.networkFlows: {
        const flow: unknown = JSON.parse(line);
        return isFlow.Check(flow) ? { kind: 'flow', flow } : undefined;
      }
      case Topic.normalTraffic: {
        const window: unknown = JSON.parse(line);
        return isWindow.Check(window) ? { kind: 'window', window } : undefined;
      }
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}
