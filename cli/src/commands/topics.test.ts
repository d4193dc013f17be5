import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseControl, Topic } from '@weir/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { MemoryBroker, runCommand } from '../agent/memory-broker.test-support.js';
import { controlCommand } from './control.js';
import { topicsCommand } from './topics.js';

const KAFKA = ['--kafka', 'kafka:9092'];
const folder = mkdtempSync(join(tmpdir(), 'weir-control-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('weir topics', () => {
  const topics = (broker: MemoryBroker, ...args: string[]) =>
    runCommand(topicsCommand(broker.connect), [...args, ...KAFKA]);

  it('makes all topics, and says the second time that they are as planned', async () => {
    const broker = new MemoryBroker();
    expect((await topics(broker)).written.stdout.match(/ made /g)).toHaveLength(Object.keys(Topic).length);
    const again = await topics(broker, '--check');
    expect(again.written.stdout.match(/ as planned /g)).toHaveLength(Object.keys(Topic).length);
    expect(again.code).toBe(0);
  });

  it('only looks with --check, and exits with 1 when something is missing', async () => {
    const broker = new MemoryBroker();
    const { code, written } = await topics(broker, '--check');
    expect(code).toBe(1);
    expect(written.stdout).toContain('missing');
    expect(broker.made.size).toBe(0);
  });

  it('tells what differs, for people and programs', async () => {
    const broker = new MemoryBroker();
    await topics(broker, '--packets-partitions', '3');
    const { written, code } = await topics(broker);
    expect(written.stdout).toContain('packets: 3 partitions, planned 12');
    expect(code).toBe(0);
    const json = (await topics(broker, '--json')).written.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(json[0]).toMatchObject({ name: 'packets', state: 'differs', differences: ['3 partitions, planned 12'] });
  });
});

describe('weir control', () => {
  const control = (broker: MemoryBroker, ...args: string[]) =>
    runCommand(controlCommand(broker.connect), [...args, ...KAFKA]);

  it('sends one message with the key of what it concerns', async () => {
    const broker = new MemoryBroker();
    await control(broker, 'capture-source', '--sensor', 'office', '--filter', '');
    const [message] = broker.on(Topic.controls);
    expect(message?.key).toBe('capture-source/office');
    expect(parseControl(Buffer.from(message!.value).toString())).toEqual({
      kind: 'capture-source',
      sensor: 'office',
      filter: '',
    });
  });

  it('reads thresholds from a file and times as people write them', async () => {
    const broker = new MemoryBroker();
    const settings = join(folder, 'settings.json');
    writeFileSync(settings, '{"host":{"portScan":{"failedShare":0.8}}}');
    await control(broker, 'thresholds', '--settings', settings);
    await control(broker, 'suppress', '--id', 'x', '--reason', 'audit', '--until', '2030-01-01T00:00:00Z');
    const sent = broker.on(Topic.controls).map(({ value }) => parseControl(Buffer.from(value).toString()));
    expect(sent).toEqual([
      { kind: 'thresholds', settings: { host: { portScan: { failedShare: 0.8 } } } },
      { kind: 'suppress', id: 'x', reason: 'audit', untilMs: Date.UTC(2030, 0, 1) },
    ]);
  });

  it.each([
    [[], 'no kind of control given. Choose from: capture-start'],
    [['reboot'], '"reboot" is no control'],
    [['capture-stop'], '--sensor NAME'],
    [['capture-stop', '--sensor', 'NOT GOOD'], '/sensor'],
    [['capture-stop', '--sensor', 'office', '--reason', 'x'], 'a capture-stop has no reason'],
    [['suppress', '--id', 'x', '--reason', 'y', '--until', 'soon'], '--until cannot be "soon"'],
    [['thresholds', '--settings', 'no-such.json'], 'cannot read "no-such.json": no such file'],
  ])('refuses %j and sends nothing', async (args, message) => {
    const broker = new MemoryBroker();
    await expect(control(broker, ...args)).rejects.toThrow(message);
    expect(broker.written).toEqual([]);
  });
});
