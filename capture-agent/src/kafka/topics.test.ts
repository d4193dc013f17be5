import { Topic } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import type { NewTopic, TopicKeeper, TopicState } from './broker.js';
import { ensureTopics, TOPIC_PLANS } from './topics.js';

class FakeKeeper implements TopicKeeper {
  readonly topics = new Map<string, TopicState>();
  readonly made: NewTopic[] = [];
  connect = async () => undefined;
  disconnect = async () => undefined;

  async read(names: readonly string[]): Promise<TopicState[]> {
    return names.flatMap((name) => this.topics.get(name) ?? []);
  }

  async create(topics: readonly NewTopic[]): Promise<void> {
    for (const topic of topics) {
      this.made.push(topic);
      this.topics.set(topic.name, topic);
    }
  }
}

const options = { plans: TOPIC_PLANS, make: true, copies: -1 };

describe('ensureTopics', () => {
  it('makes every topic of Weir once, and the second time nothing', async () => {
    const keeper = new FakeKeeper();
    const first = await ensureTopics(keeper, options);
    expect(first.map(({ state }) => state)).toEqual(TOPIC_PLANS.map(() => 'made'));
    expect([...keeper.topics.keys()].sort()).toEqual(Object.values(Topic).sort());
    const second = await ensureTopics(keeper, options);
    expect(second.map(({ state }) => state)).toEqual(TOPIC_PLANS.map(() => 'as planned'));
    expect(keeper.made).toHaveLength(TOPIC_PLANS.length);
  });

  it('keeps the last state of incidents and controls, by compaction', () => {
    const compacted = TOPIC_PLANS.filter(({ settings }) => settings['cleanup.policy'] === 'compact');
    expect(compacted.map(({ name }) => name).sort()).toEqual([Topic.anomalyAlerts, Topic.controls].sort());
  });

  it('tells how an existing topic differs and leaves it as it is', async () => {
    const keeper = new FakeKeeper();
    const settings = { 'cleanup.policy': 'delete', 'max.message.bytes': '1048588' };
    keeper.topics.set(Topic.anomalyAlerts, { name: Topic.anomalyAlerts, partitions: 3, settings });
    const findings = await ensureTopics(keeper, options);
    const found = findings.find(({ plan }) => plan.name === Topic.anomalyAlerts);
    expect(found).toMatchObject({
      state: 'differs',
      differences: [
        '3 partitions, planned 1',
        'cleanup.policy is delete, planned compact',
        'max.message.bytes is 1048588, planned 2097152',
      ],
    });
    expect(keeper.topics.get(Topic.anomalyAlerts)?.partitions).toBe(3);
  });

  it('makes nothing when it is only to look', async () => {
    const keeper = new FakeKeeper();
    const findings = await ensureTopics(keeper, { ...options, make: false });
    expect(new Set(findings.map(({ state }) => state))).toEqual(new Set(['missing']));
    expect(keeper.made).toEqual([]);
  });
});
