import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PacketSource, RawPackets } from '@weir/capture-agent';
import { decodePacketBatch, END_OF_TIME_S, type PacketBatch, parseSensorHealth, Topic } from '@weir/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryBroker, runCommand, type TestIo, until } from '../agent/memory-broker.test-support.js';
import { createMemoryIo } from '../memory-io.js';
import { parseLine } from '../options/parse.js';
import { chooseSource } from '../source-options.js';
import { writeTraffic } from '../traffic/index.js';
import { agentCommand } from './agent.js';

let folder: string;
let scan: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-agent-'));
  scan = join(folder, 'scan.pcap');
  const chunks: Buffer[] = [];
  await writeTraffic({ kind: 'port-scan', background: false }, (chunk) => void chunks.push(Buffer.from(chunk)));
  writeFileSync(scan, Buffer.concat(chunks));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KAFKA = ['--kafka', 'kafka:9092', '--sensor', 'office'];

function send(broker: MemoryBroker, args: readonly string[], io: TestIo = {}, choose = chooseSource) {
  return runCommand(agentCommand({ connect: broker.connect, choose }), [...KAFKA, ...args], io);
}

/** A clock that runs a hundred times as fast as others. */
const elapsedMs = () => performance.now() * 100;

const batchesOn = (broker: MemoryBroker) => broker.on(Topic.packets).map(({ value }) => decodePacketBatch(value));
/** Each message of `packets` in one line; comparing the bytes one by one takes too long. */
const digestsOn = (broker: MemoryBroker) =>
  broker.on(Topic.packets).map(({ key, value }) => `${key} ${createHash('sha256').update(value).digest('hex')}`);
const lastLine = (stdout: string) => JSON.parse(stdout.trimEnd().split('\n').at(-1) as string);
const packetsIn = (batches: readonly PacketBatch[]) => batches.reduce((sum, { packets }) => sum + packets.count, 0);

describe('weir agent --out -', () => {
  /** The agent with a reader of its batches who takes nothing until `takes`. */
  function begin() {
    const stop = new AbortController();
    const state = { reads: 0, written: 0, takes: () => {} };
    const io = createMemoryIo({ stop: stop.signal });
    const stdout = {
      ...io.stdout,
      write: () => ++state.written < 0,
      drained: () => new Promise<void>((resolve) => (state.takes = resolve)),
    };
    const choose: typeof chooseSource = (...asked) => {
      const { source, isPaced } = chooseSource(...asked);
      const read = (block: RawPackets) => {
        state.reads++;
        return source.read(block);
      };
      return { source: Object.assign(Object.create(source) as PacketSource, { read }), isPaced };
    };
    const command = agentCommand({ connect: new MemoryBroker().connect, choose });
    const { options, operands } = parseLine(command.options, ['--out', '-', '--batch', '100', scan]);
    return { state, stop, ended: command.run({ options, operands, io: { ...io, stdout } }) };
  }

  it('reads no further than a slow reader takes', async () => {
    const { state, ended } = begin();
    await until(() => state.written > 0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(state.reads).toBe(1);
    state.takes();
    expect(await ended).toBe(0);
    expect(state.reads).toBeGreaterThan(1);
  });

  it('ends when it is asked to, though nobody takes anything', async () => {
    const { state, stop, ended } = begin();
    await until(() => state.written > 0);
    stop.abort();
    expect(await ended).toBe(0);
  });
});

describe('weir agent --kafka with a file', () => {
  it('sends every packet, numbered by partition, up to the end of time', async () => {
    const broker = new MemoryBroker();
    const { code, written } = await send(broker, ['--read', scan, '--partitions', '3', '--batch', '500']);
    const batches = batchesOn(broker);
    const line = lastLine(written.stdout);
    expect(code).toBe(0);
    expect(packetsIn(batches)).toBe(line.packetsCaptured);
    expect(line).toMatchObject({
      sensor: 'office',
      packetsSent: line.packetsCaptured,
      packetsDropped: 0,
      bytesQueued: 0,
    });
    for (let partition = 0; partition < 3; partition++) {
      const own = batches.filter(({ header }) => header.partition === partition);
      expect(own.map(({ header }) => header.sequence)).toEqual(own.map((_, i) => i));
      expect(own.at(-1)?.header).toMatchObject({ watermarkS: END_OF_TIME_S, partitions: 3 });
    }
    expect(new Set(broker.on(Topic.packets).map(({ key }) => key))).toEqual(
      new Set(['office/0', 'office/1', 'office/2']),
    );
  });

  it('makes the topics it needs, and follows controls in a group of the sensor', async () => {
    const broker = new MemoryBroker();
    await send(broker, [scan]);
    expect([...broker.made.keys()].sort()).toEqual([Topic.controls, Topic.packets, Topic.sensorHealth].sort());
    expect(broker.readersAsked).toEqual([{ topic: Topic.controls, group: 'weir-agent-office', from: 'next' }]);
    expect(broker.readersOf(Topic.controls)).toBe(0);
  });

  it('sends fewer messages of the same packets with a longer tick', async () => {
    const [often, seldom] = [new MemoryBroker(), new MemoryBroker()];
    await send(often, [scan, '--speed', '10x', '--tick', '100'], { elapsedMs });
    await send(seldom, [scan, '--speed', '10x', '--tick', '1000'], { elapsedMs });
    expect(packetsIn(batchesOn(seldom))).toBe(packetsIn(batchesOn(often)));
    expect(batchesOn(seldom).length * 2).toBeLessThan(batchesOn(often).length);
  });

  it.each([
    ['at full speed', []],
    ['at the pace of its packets', ['--speed', '1x']],
  ])('repeats itself message by message when it is started again %s', async (_, pace) => {
    const [first, second] = [new MemoryBroker(), new MemoryBroker()];
    for (const broker of [first, second])
      await send(broker, ['--read', scan, '--batch', '700', ...pace], { elapsedMs });
    expect(digestsOn(first).length).toBeGreaterThan(4);
    expect(digestsOn(second)).toEqual(digestsOn(first));
  });

  it('counts again as a new run only when told', async () => {
    const [first, second] = [new MemoryBroker(), new MemoryBroker()];
    await send(first, [scan]);
    await send(second, [scan, '--new-run']);
    expect(batchesOn(second)[0]?.header.epoch).not.toBe(batchesOn(first)[0]?.header.epoch);
  });

  it('leaves off between batches when it is stopped, so that a later start goes on', async () => {
    const whole = new MemoryBroker();
    await send(whole, [scan, '--speed', '1x'], { elapsedMs });
    const broken = new MemoryBroker();
    const stop = new AbortController();
    broken.onSend = () => {
      if (broken.on(Topic.packets).length > 0) stop.abort();
    };
    // Paced, so that the stop comes before the end.
    const { code } = await send(broken, [scan, '--speed', '1x'], { stop: stop.signal, elapsedMs });
    const [sent, all] = [digestsOn(broken), digestsOn(whole)];
    expect(code).toBe(0);
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.length).toBeLessThan(all.length);
    expect(sent).toEqual(all.slice(0, sent.length));
  });

  it('waits for a broker that is away, and then sends everything', async () => {
    const broker = new MemoryBroker();
    broker.isAway = true;
    const sending = send(broker, [scan]);
    await until(() => broker.refusals > 0);
    broker.isAway = false;
    const { written } = await sending;
    const line = lastLine(written.stdout);
    expect(line.packetsSent).toBe(line.packetsCaptured);
    expect(written.stderr).toContain('Kafka takes no messages; trying again');
  });

  it('says what could not be sent when it is stopped while the broker is away', async () => {
    const broker = new MemoryBroker();
    broker.isAway = true;
    const stop = new AbortController();
    const env = { KAFKA_FLUSH_TIMEOUT_S: '0' };
    const sending = send(broker, [scan], { stop: stop.signal, env });
    await until(() => broker.refusals > 1);
    stop.abort();
    await expect(sending).rejects.toThrow(/messages with \d+ packets could not be sent to kafka:9092 within 0 s/);
  });

  it('fails when the broker refuses messages for good, and still sends the others', async () => {
    const broker = new MemoryBroker();
    broker.largestBytes = 20_000;
    const sending = send(broker, [scan, '--partitions', '1', '--batch', '400']);
    await expect(sending).rejects.toThrow(/refused \d+ messages with \d+ packets for good/);
    expect(batchesOn(broker).at(-1)?.header.watermarkS).toBe(END_OF_TIME_S);
  });

  it('tells the health of the sensor at its end', async () => {
    const broker = new MemoryBroker();
    await send(broker, [scan]);
    const [health] = broker.on(Topic.sensorHealth);
    expect(health?.key).toBe('office');
    expect(parseSensorHealth(Buffer.from(health!.value).toString())).toMatchObject({
      sensor: 'office',
      packetsCaptured: packetsIn(batchesOn(broker)),
      agent: { source: scan, partitions: 4, isCapturing: true, packetsDropped: 0 },
    });
  });

  it('sends a flow table to the same topic', async () => {
    const table = join(folder, 'flows.csv');
    const row = '10.0.0.1,10.0.0.2,4000,80,tcp,500,900,5,6,1.5';
    const columns =
      'src_ip,dst_ip,src_port,dst_port,protocol,bytes_sent,bytes_received,packets_sent,packets_received,duration';
    writeFileSync(table, `${[columns, ...Array.from({ length: 300 }, () => row)].join('\n')}\n`);
    const broker = new MemoryBroker();
    const { written } = await send(broker, ['--read', table, '--batch', '100']);
    expect(lastLine(written.stdout).packetsSent).toBe(300);
    const again = new MemoryBroker();
    await send(again, ['--read', table, '--batch', '100']);
    expect(digestsOn(again)).toEqual(digestsOn(broker));
  });

  it.each([
    [['--read', 'a', 'b'], 'both --read a and "b" are given'],
    [['a', '--out', 'b'], '--kafka and --out do not go together'],
    [[], 'no input.'],
    [['no-such-file.pcap'], 'no such file'],
  ])('refuses %j', async (args, message) => {
    await expect(send(new MemoryBroker(), args)).rejects.toThrow(message);
  });

  it('refuses settings that are wrong before it reads anything', async () => {
    await expect(send(new MemoryBroker(), [scan], { env: { KAFKA_ACKS: 'some' } })).rejects.toThrow(/KAFKA_ACKS/);
  });

  it('sends to the broker of the environment when no option names one', async () => {
    const broker = new MemoryBroker();
    const env = { KAFKA_BROKERS: 'kafka:9092' };
    await runCommand(agentCommand({ connect: broker.connect, choose: chooseSource }), [scan], { env });
    expect(broker.on(Topic.packets).length).toBeGreaterThan(0);
  });
});

/** A live interface that gives one broken frame a read until it is closed. */
class FakeLive implements PacketSource {
  readonly kind = 'live';
  reads = 0;
  private isClosed = false;

  constructor(readonly name: string) {}

  open = async () => undefined;
  counters = () => ({ packetsDroppedByKernel: 3, packetsDroppedByInterface: 0, warnings: [] });
  progress = () => undefined;
  close = async () => {
    this.isClosed = true;
  };

  async read(block: RawPackets): Promise<boolean> {
    await new Promise((resolve) => setImmediate(resolve));
    this.reads++;
    block.bytes = new Uint8Array(60);
    block.count = this.isClosed ? 0 : 1;
    block.timeUs[0] = 1.7e15;
    block.capturedBytes[0] = block.wireBytes[0] = 60;
    return !this.isClosed;
  }
}

describe('weir agent --kafka with an interface', () => {
  it('does what controls ask, refuses the others, and ends its time when it is stopped', async () => {
    const broker = new MemoryBroker();
    const stop = new AbortController();
    const made: FakeLive[] = [];
    const choose = ((call: { options: { interface?: string } }) => {
      made.push(new FakeLive(call.options.interface as string));
      return { source: made.at(-1), isPaced: true };
    }) as unknown as typeof chooseSource;
    const sending = send(broker, ['--interface', 'eth0'], { stop: stop.signal }, choose);
    const say = (control: object) =>
      broker.append({ topic: Topic.controls, key: 'any', value: Buffer.from(JSON.stringify(control)) });
    await until(() => broker.readersOf(Topic.controls) === 1);
    await say({ kind: 'capture-source', sensor: 'office', interface: 'eth1' });
    await say({ kind: 'capture-stop', sensor: 'lab' });
    await say({ kind: 'nonsense' });
    await until(() => (made[1]?.reads ?? 0) > 0);
    stop.abort();
    const { written, code } = await sending;
    expect(code).toBe(0);
    expect(made.map(({ name }) => name)).toEqual(['eth0', 'eth1']);
    expect(written.stderr).toContain('control refused');
    expect(batchesOn(broker).at(-1)?.header.watermarkS).toBe(END_OF_TIME_S);
    const health = parseSensorHealth(Buffer.from(broker.on(Topic.sensorHealth).at(-1)!.value).toString());
    expect(health.agent).toMatchObject({ source: 'eth1', controlsRefused: 1, isCapturing: true });
    expect(lastLine(written.stdout).packetsSent).toBeGreaterThan(0);
  });
});
