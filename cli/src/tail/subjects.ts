import { parseDeadLetter, parseFlowSummary, parseSensorHealth, parseTrafficWindow, Topic } from '@weir/contracts';
import type { Layout } from '../report/incident-text.js';
import { IncidentView } from './incident-view.js';
import { lineView } from './line-view.js';
import { deadLetterLine, flowLine, healthLine, windowLine } from './lines.js';
import type { TailView, ViewOptions } from './tail-view.js';

/** Something that can be followed. */
export interface TailSubject {
  readonly topic: string;
  readonly view: (options: ViewOptions, layout: Layout) => TailView;
}

/** What `weir tail` can show, by the word for it. */
export const TAIL_SUBJECTS: Readonly<Record<string, TailSubject>> = {
  incidents: { topic: Topic.anomalyAlerts, view: (options, layout) => new IncidentView(options, layout) },
  flows: { topic: Topic.networkFlows, view: lineView(parseFlowSummary, flowLine) },
  windows: { topic: Topic.normalTraffic, view: lineView(parseTrafficWindow, windowLine) },
  health: { topic: Topic.sensorHealth, view: lineView(parseSensorHealth, healthLine) },
  'dead-letters': { topic: Topic.deadLetters, view: lineView(parseDeadLetter, deadLetterLine) },
};
