import { Topic } from '@weir/contracts';
import type { TopicKeeper, TopicState } from './broker.js';

/** How a topic is to be kept. */
export interface TopicPlan {
  readonly name: string;
  readonly partitions: number;
  /** Settings by the broker's names. */
  readonly settings: Readonly<Record<string, string>>;
  readonly meaning: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** Old messages go by age, and by size so that the disk holds. Per partition. */
function keptFor(ageMs: number, bytes: number): Record<string, string> {
  return { 'cleanup.policy': 'delete', 'retention.ms': String(ageMs), 'retention.bytes': String(bytes) };
}

/** The last message of a key is kept for ever. Older ones can go only from closed segments, so these close soon. */
const LAST_OF_KEY = { 'cleanup.policy': 'compact', 'segment.ms': String(HOUR_MS) };

/**
 * Every topic of Weir. Partitions of `packets` bound how many task slots read it; incidents, health and controls are few,
 * and one partition keeps them in order.
 */
export const TOPIC_PLANS: readonly TopicPlan[] = [
  {
    name: Topic.packets,
    partitions: 12,
    settings: {
      ...keptFor(6 * HOUR_MS, 512 * MIB),
      // Only whole segments are deleted.
      'segment.bytes': String(128 * MIB),
      'max.message.bytes': String(16 * MIB),
    },
    meaning: 'packet batches of the sensors, by sensor and flow partition',
  },
  {
    name: Topic.networkFlows,
    partitions: 4,
    settings: { ...keptFor(7 * DAY_MS, 4 * GIB), 'max.message.bytes': String(2 * MIB) },
    meaning: 'flow summaries, JSON lines, by sensor',
  },
  {
    name: Topic.normalTraffic,
    partitions: 4,
    settings: { ...keptFor(7 * DAY_MS, 4 * GIB), 'max.message.bytes': String(2 * MIB) },
    meaning: 'traffic windows, JSON lines, by network or host',
  },
  {
    name: Topic.anomalyAlerts,
    partitions: 1,
    settings: { ...LAST_OF_KEY, 'max.message.bytes': String(2 * MIB) },
    meaning: 'incidents, by incident id: the latest restatement is kept',
  },
  {
    name: Topic.sensorHealth,
    partitions: 1,
    settings: keptFor(7 * DAY_MS, GIB),
    meaning: 'how the sensors are, by sensor',
  },
  {
    name: Topic.controls,
    partitions: 1,
    settings: LAST_OF_KEY,
    meaning: 'what operators ask for, by what it concerns: the last word is kept',
  },
  {
    name: Topic.deadLetters,
    partitions: 1,
    settings: keptFor(14 * DAY_MS, GIB),
    meaning: 'messages that could not be processed, and why',
  },
];

/** What was found of a topic, and what was done about it. */
export interface TopicFinding {
  readonly plan: TopicPlan;
  /** `missing` only where nothing was to be made. */
  readonly state: 'made' | 'as planned' | 'differs' | 'missing';
  /** One clause each, such as `cleanup.policy is delete, planned compact`. */
  readonly differences: readonly string[];
}

/** Which topics, and what may be done. */
export interface EnsureOptions {
  readonly plans: readonly TopicPlan[];
  /** False only looks. */
  readonly make: boolean;
  /** Copies of a new topic; −1 leaves it to the broker. */
  readonly copies: number;
}

/**
 * Makes the topics that are missing, and tells how the others differ from the plan. It never changes one that exists:
 * that could lose messages. Doing it again does nothing. Rejects with a BrokerError.
 */
export async function ensureTopics(keeper: TopicKeeper, options: EnsureOptions): Promise<TopicFinding[]> {
  const { plans, make, copies } = options;
  const settings = [...new Set(plans.flatMap((plan) => Object.keys(plan.settings)))];
  const names = plans.map(({ name }) => name);
  const existing = new Map((await keeper.read(names, settings)).map((topic) => [topic.name, topic]));
  const missing = plans.filter(({ name }) => !existing.has(name));
  if (make) await keeper.create(missing.map((plan) => ({ ...plan, copies })));
  return plans.map((plan) => findingOf(plan, existing.get(plan.name), make));
}

function findingOf(plan: TopicPlan, found: TopicState | undefined, make: boolean): TopicFinding {
  if (found === undefined) return { plan, state: make ? 'made' : 'missing', differences: [] };
  const differences = differencesOf(plan, found);
  return { plan, state: differences.length > 0 ? 'differs' : 'as planned', differences };
}

function differencesOf(plan: TopicPlan, found: TopicState): string[] {
  const differences = Object.entries(plan.settings)
    .filter(([name, value]) => found.settings[name] !== undefined && found.settings[name] !== value)
    .map(([name, value]) => `${name} is ${found.settings[name]}, planned ${value}`);
  if (found.partitions !== plan.partitions)
    differences.unshift(`${found.partitions} partitions, planned ${plan.partitions}`);
  return differences;
}
