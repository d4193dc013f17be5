import { type Control, parseDeadLetter, StatefunFunction, StatefunType, Topic } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { DEFAULT_DETECTION_CONFIG } from '../../config.js';
import { encodeAlertBatch } from './alert-batch.js';
import { LoopbackCluster } from './loopback.js';
import { createDispatcher } from './serve.js';
import { parseStatefunSettings } from './settings.js';
import { toySurroundings } from './toy.fixture.js';

/** A cluster of the real functions. */
function createCluster(): LoopbackCluster {
  const { log, nowMs } = toySurroundings();
  const settings = parseStatefunSettings({ hostPartitions: 2, incidentPartitions: 3 });
  const dispatcher = createDispatcher({ config: DEFAULT_DETECTION_CONFIG, settings, log, nowMs });
  const manners = { messagesPerCall: 1, lostAnswers: 0, random: () => 0 };
  return new LoopbackCluster((request) => dispatcher.answer(request).reply, manners);
}

const textBytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const deadLettersOf = ({ records }: LoopbackCluster) =>
  records.filter(({ topic }) => topic === Topic.deadLetters).map(({ value }) => parseDeadLetter(value));

describe('a control message', () => {
  const reached = async (control: Control) => {
    const cluster = createCluster();
    cluster.put({ type: StatefunFunction.control, id: 'key' }, StatefunType.control, textBytes(control));
    await cluster.settle();
    expect(deadLettersOf(cluster)).toEqual([]);
    return [...cluster.states.keys()].sort();
  };

  it('about thresholds goes to every host partition', async () => {
    expect(await reached({ kind: 'thresholds', settings: {} })).toEqual(['weir/host/0', 'weir/host/1']);
  });

  it('about suppression goes to every incident partition', async () => {
    const partitions = ['weir/incident/0', 'weir/incident/1', 'weir/incident/2'];
    expect(await reached({ kind: 'suppress', id: 'a', reason: 'a test', untilMs: 1 })).toEqual(partitions);
    expect(await reached({ kind: 'unsuppress', id: 'a' })).toEqual(partitions);
  });

  it('for agents goes nowhere', async () => {
    expect(await reached({ kind: 'capture-stop', sensor: 'office' })).toEqual([]);
  });

  it.each(['rubbish', '{"kind":"explode"}', ''])('that is %j becomes a dead letter', async (text) => {
    const cluster = createCluster();
    cluster.put({ type: StatefunFunction.control, id: 'key' }, StatefunType.control, textBytes(text));
    await cluster.settle();
    expect(deadLettersOf(cluster)).toMatchObject([{ topic: Topic.controls, key: 'key', address: 'control/key' }]);
  });
});

describe('the dead letter of a record', () => {
  it('says where the record is', async () => {
    const cluster = createCluster();
    const place = Buffer.from('574b5001000000050000000000000063', 'hex');
    const value = Buffer.concat([textBytes('rubbish'), place]);
    cluster.put({ type: StatefunFunction.flow, id: 'office/0' }, StatefunType.packetBatch, value);
    cluster.put({ type: StatefunFunction.control, id: 'key' }, StatefunType.control, value);
    await cluster.settle();
    const [packets, controls] = deadLettersOf(cluster);
    expect(packets).toMatchObject({ topic: Topic.packets, partition: 5, offset: '99', lengthBytes: 7 });
    expect(controls).toMatchObject({ topic: Topic.controls, partition: 5, offset: '99', lengthBytes: 7 });
  });
});

describe('an address that is none', () => {
  it.each([
    [StatefunFunction.flow, 'office', StatefunType.packetBatch],
    [StatefunFunction.flow, 'Office/0', StatefunType.packetBatch],
    [StatefunFunction.flow, 'office/-1', StatefunType.packetBatch],
    [StatefunFunction.host, '2', StatefunType.hostBatch],
    [StatefunFunction.host, '00', StatefunType.hostBatch],
    [StatefunFunction.incident, '3', StatefunType.alertBatch],
  ])('%s "%s" keeps no state', async (type, id, messageType) => {
    const cluster = createCluster();
    cluster.put({ type, id }, messageType, textBytes('x'));
    await cluster.settle();
    expect(cluster.states.size).toBe(0);
    expect(deadLettersOf(cluster)).toHaveLength(1);
  });
});

describe('a message of the wrong type or damaged', () => {
  const alertBatch = { upstream: 'host/0', run: 0, sequence: 0, watermarkS: 5, alerts: [] };

  it.each([
    [StatefunFunction.flow, 'office/0', StatefunType.hostBatch, ''],
    [StatefunFunction.flow, 'office/0', StatefunType.packetBatch, 'ARROW1'],
    [StatefunFunction.host, '0', StatefunType.packetBatch, ''],
    [StatefunFunction.host, '0', StatefunType.hostBatch, 'x'],
    [StatefunFunction.host, '0', StatefunType.tick, '{"kind":"tock"}'],
    [StatefunFunction.host, '0', StatefunType.control, '{"kind":"thresholds"}'],
    [StatefunFunction.incident, '0', StatefunType.tick, ''],
    [StatefunFunction.incident, '0', StatefunType.alertBatch, { ...alertBatch, sequence: -1 }],
    [StatefunFunction.incident, '0', StatefunType.alertBatch, { ...alertBatch, alerts: [{ kind: 'x' }] }],
    [StatefunFunction.incident, '0', 'somebody/else', ''],
  ])('at %s/%s of type %s becomes a dead letter', async (type, id, messageType, content) => {
    const cluster = createCluster();
    cluster.put({ type, id }, messageType, textBytes(content));
    await cluster.settle();
    expect(deadLettersOf(cluster)).toHaveLength(1);
  });

  it('is told from a sound one', async () => {
    const cluster = createCluster();
    cluster.put({ type: StatefunFunction.incident, id: '0' }, StatefunType.alertBatch, encodeAlertBatch(alertBatch));
    cluster.put({ type: StatefunFunction.host, id: '0' }, StatefunType.tick, textBytes({ kind: 'tick', nowMs: 1 }));
    await cluster.settle();
    expect(deadLettersOf(cluster)).toEqual([]);
    expect(cluster.delayed.map(({ target }) => target)).toEqual([{ type: StatefunFunction.host, id: '0' }]);
  });
});
