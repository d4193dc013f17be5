import { Topic } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { MemoryBroker, runCommand, until } from '../agent/memory-broker.test-support.js';
import { sampleIncident } from '../report/sample-incident.js';
import { tailCommand } from './tail.js';

const KAFKA = ['--kafka', 'kafka:9092'];
const QUIET = ['--from-beginning', '--until-quiet', '0.1'];

async function brokerWith(topic: string, ...values: (object | string)[]): Promise<MemoryBroker> {
  const broker = new MemoryBroker();
  for (const value of values) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    await broker.append({ topic, key: 'any', value: Buffer.from(text) });
  }
  return broker;
}

const tail = (broker: MemoryBroker, args: readonly string[], stop?: AbortSignal) =>
  runCommand(tailCommand(broker.connect), [...args, ...KAFKA], stop === undefined ? {} : { stop });

const jsonLines = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

const open = sampleIncident({ id: 'x', state: 'open', revision: 0 });
const worse = sampleIncident({ id: 'x', state: 'open', revision: 1, severity: 'critical' });
const closed = sampleIncident({ id: 'x', state: 'closed', revision: 2, severity: 'critical' });
const other = sampleIncident({ id: 'y', state: 'open', revision: 0, startMs: open.startMs - 1000 });

describe('weir tail incidents', () => {
  it('gives each incident once, in its latest state and by start, when read to the end as JSON', async () => {
    const broker = await brokerWith(Topic.anomalyAlerts, open, closed, other, worse, open);
    const { written, code } = await tail(broker, ['incidents', '--json', ...QUIET]);
    expect(jsonLines(written.stdout).map(({ id, revision }) => [id, revision])).toEqual([
      ['y', 0],
      ['x', 2],
    ]);
    expect(code).toBe(0);
  });

  it('gives each restatement once while it follows, and none that is out of date', async () => {
    const broker = new MemoryBroker();
    const following = tail(broker, ['incidents', '--json', '--limit', '3']);
    await until(() => broker.readersOf(Topic.anomalyAlerts) === 1);
    for (const incident of [open, worse, open, worse, closed])
      await broker.append({ topic: Topic.anomalyAlerts, key: 'x', value: Buffer.from(JSON.stringify(incident)) });
    const { written } = await following;
    expect(jsonLines(written.stdout).map(({ revision }) => revision)).toEqual([0, 1, 2]);
    expect(broker.readersOf(Topic.anomalyAlerts)).toBe(0);
  });

  it('tells a person the whole once, then what changed and when it ended', async () => {
    const broker = await brokerWith(Topic.anomalyAlerts, open, worse, closed);
    const { written } = await tail(broker, ['incidents', ...QUIET]);
    expect(written.stdout.match(/evidence +measured/g)).toHaveLength(1);
    expect(written.stdout).toContain('now critical:');
    expect(written.stdout).toContain('ended    ');
  });

  it('tells the whole of an incident that it first hears of when it is over', async () => {
    const { written } = await tail(await brokerWith(Topic.anomalyAlerts, closed), ['incidents', ...QUIET]);
    expect(written.stdout).toMatch(/evidence +measured/);
    expect(written.stdout).toContain('ended    ');
  });

  it('passes over what is no incident, and says so', async () => {
    const broker = await brokerWith(Topic.anomalyAlerts, 'garbage', { id: 'z' }, '', closed);
    const { written } = await tail(broker, ['incidents', '--json', ...QUIET]);
    expect(jsonLines(written.stdout)).toHaveLength(1);
    expect(written.stderr.match(/a record cannot be shown/g)).toHaveLength(2);
  });

  it('ends when it is interrupted', async () => {
    const broker = new MemoryBroker();
    const stop = new AbortController();
    const following = tail(broker, ['incidents'], stop.signal);
    await until(() => broker.readersOf(Topic.anomalyAlerts) === 1);
    stop.abort();
    expect((await following).code).toBe(0);
    expect(broker.readersOf(Topic.anomalyAlerts)).toBe(0);
  });

  it('reads in the group it is told', async () => {
    const broker = await brokerWith(Topic.anomalyAlerts);
    await tail(broker, ['incidents', '--group', 'night-shift', '--until-quiet', '0.1']);
    expect(broker.readersAsked).toEqual([{ topic: Topic.anomalyAlerts, group: 'night-shift', from: 'next' }]);
  });
});

describe('weir tail of other topics', () => {
  const flow = {
    sensor: 'office',
    packets: 12,
    bytes: 4200,
    originatorBytes: 200,
    responderBytes: 4000,
    communityId: '1:x=',
    originator: '192.0.2.1',
    responder: '2001:db8::1',
    originatorPort: 4000,
    responderPort: 443,
    protocol: 6,
    outcome: 'answered\u001b[31m',
    startMs: 0,
    endMs: 2000,
  };

  it('splits a message into its lines and keeps to the limit', async () => {
    const lines = [1, 2, 3].map((n) => JSON.stringify({ ...flow, originatorPort: n })).join('\n');
    const { written } = await tail(await brokerWith(Topic.networkFlows, lines), [
      'flows',
      '--json',
      '--limit',
      '2',
      ...QUIET,
    ]);
    expect(jsonLines(written.stdout).map(({ originatorPort }) => originatorPort)).toEqual([1, 2]);
  });

  it('does not let what it prints steer the terminal', async () => {
    const { written } = await tail(await brokerWith(Topic.networkFlows, flow), ['flows', ...QUIET]);
    expect(written.stdout).toBe(
      '1970-01-01 00:00:00  office: TCP 192.0.2.1:4000 → [2001:db8::1]:443  answered·[31m, 2 s, 12 packets, 4.2 k bytes\n',
    );
  });

  it('tells of a dead letter where it lay and why', async () => {
    const letter = {
      reason: 'not an Arrow stream',
      topic: 'packets',
      partition: 3,
      offset: '17',
      key: 'office/0',
      firstBytes: 'AAAA',
      lengthBytes: 12,
      atMs: 0,
    };
    const { written } = await tail(await brokerWith(Topic.deadLetters, letter), ['dead-letters', ...QUIET]);
    expect(written.stdout).toContain('packets/3@17: 12 bytes with key "office/0" not processed: not an Arrow stream');
  });

  it.each([
    [[], 'nothing to follow. Choose from: incidents, flows, windows, health, dead-letters.'],
    [['incident'], 'Did you mean incidents?'],
    [['toString'], '"toString" cannot be followed'],
  ])('refuses %j', async (args, message) => {
    await expect(tail(new MemoryBroker(), args)).rejects.toThrow(message);
  });

  it('tells that the broker is away', async () => {
    const broker = new MemoryBroker();
    broker.isAway = true;
    await expect(tail(broker, ['health'])).rejects.toThrow(/cannot reach Kafka/);
  });
});
