import { fileURLToPath } from 'node:url';
import { createCaptureFileSource, Decoder } from '@weir/capture-agent';
import { type Control, Topic } from '@weir/contracts';
import { DEFAULT_DETECTION_CONFIG, EmbeddedRuntime } from '@weir/functions';
import { describe, expect, it } from 'vitest';
import type { AgentInput } from '../agent/agent-input.js';
import { MemoryBroker } from '../agent/memory-broker.test-support.js';
import { registryOf } from '../models/model-options.js';
import { runAgent } from '../pipeline.js';
import { ClusterControls } from './cluster-controls.js';
import { ClusterModels } from './cluster-models.js';
import { EmbeddedControls } from './embedded-controls.js';
import { ModelChoice } from './model-choice.js';
import { Thresholds } from './thresholds.js';

const CAPTURE = fileURLToPath(new URL('../../../testdata/port-scan/capture.pcap.gz', import.meta.url));
const config = DEFAULT_DETECTION_CONFIG;

/** Kinds that are found in a capture with a port scan, after what an operator asked for. */
async function foundAfter(...asked: Control[]): Promise<string[]> {
  const kinds = new Set<string>();
  const sink = { incident: ({ incident }: { incident: { kind: string } }) => void kinds.add(incident.kind) };
  const functions = new EmbeddedRuntime({ config, sink });
  const controls = new EmbeddedControls({} as AgentInput, { isLive: false, sensor: 'local', config, functions });
  for (const control of asked) await controls.apply(control);
  const source = createCaptureFileSource({ path: CAPTURE });
  const parts = { source, sensor: 'local', partitions: 1, maxBatchPackets: 4096, allowedLatenessMs: 1000 } as const;
  const stop = new AbortController().signal;
  await runAgent({ ...parts, decoder: new Decoder(), tick: 'none', stop }, (batch) => functions.deliver(batch));
  return [...kinds];
}

const SUPPRESS = {
  kind: 'suppress',
  id: 'ours',
  incidentKind: 'port-scan',
  reason: 'our scanner',
  untilMs: 9e12,
} as const;

describe('controls of a run in this process', () => {
  it('reach the functions: thresholds', async () => {
    const ports = { in10s: 60_000, in60s: 60_000, in300s: 60_000 };
    expect(await foundAfter()).toContain('port-scan');
    expect(await foundAfter({ kind: 'thresholds', settings: { host: { portScan: { ports } } } })).not.toContain(
      'port-scan',
    );
  });

  it('reach the functions: suppressions, and taking them back', async () => {
    expect(await foundAfter(SUPPRESS)).not.toContain('port-scan');
    expect(await foundAfter(SUPPRESS, { kind: 'unsuppress', id: 'ours' })).toContain('port-scan');
  });

  it('are refused when they are no thresholds, and nothing changes', async () => {
    const wrong = { host: { portScan: { ports: { in10s: -1 } } } };
    await expect(foundAfter({ kind: 'thresholds', settings: wrong })).rejects.toThrow(
      /host\.portScan\.ports\.in10s is -1/,
    );
    await expect(foundAfter({ kind: 'thresholds', settings: { host: { maxHosts: 5 } } })).rejects.toThrow(
      /--config FILE/,
    );
    await expect(foundAfter({ kind: 'capture-stop', sensor: 'other' })).rejects.toThrow(/no sensor "other"/);
  });
});

describe('the choice of models', () => {
  const registry = registryOf({ registry: undefined });
  const used: string[][] = [];
  const functions = {
    useModels: (selections: readonly { id: string }[]) => void used.push(selections.map(({ id }) => id)),
    modelStatus: () => [],
  };

  it('takes effect between batches, one model for each list of features', async () => {
    const models = new ModelChoice(registry, functions, []);
    expect(models.list().filter(({ refusal }) => refusal === undefined).length).toBeGreaterThan(1);
    await models.choose('flow-boosting');
    expect(used).toEqual([]);
    models.settled();
    await models.choose('isolation-forest');
    models.settled();
    models.settled();
    expect(used).toEqual([['flow-boosting'], ['flow-isolation-forest']]);
    expect(
      models
        .list()
        .filter(({ isActive }) => isActive)
        .map(({ name }) => name),
    ).toEqual(['flow-isolation-forest']);
    models.giveUp();
    expect(used.at(-1)).toEqual([]);
  });

  it('refuses what is no model, and the one before goes on', async () => {
    const models = new ModelChoice(registry, functions, []);
    await expect(models.choose('../../etc')).rejects.toThrow(/no name of a model/);
    await expect(models.choose('unknown')).rejects.toThrow(/missing/);
    models.settled();
    expect(models.list().some(({ isActive }) => isActive)).toBe(false);
  });
});

describe('controls of a cluster', () => {
  const registry = registryOf({ registry: undefined });
  const told = (broker: MemoryBroker) => broker.on(Topic.controls).map(({ value }) => JSON.parse(String(value)));
  const inUse = (controls: ClusterControls) =>
    controls
      .models()
      .filter(({ isActive }) => isActive)
      .map(({ name }) => name);

  it('hand on all models that are to score, one for each list of features', async () => {
    const broker = new MemoryBroker();
    const controls = new ClusterControls(broker, new ClusterModels(registry, ['flow-fusion', 'host-window-fusion']));
    expect(controls.missing('models')).toBeUndefined();
    await controls.apply({ kind: 'model', name: 'flow-boosting' });
    await controls.apply({ kind: 'model', name: 'none' });
    expect(told(broker)).toEqual([
      { kind: 'model', name: 'host-window-fusion,flow-boosting' },
      { kind: 'model', name: 'none' },
    ]);
    expect(inUse(controls)).toEqual([]);
    await controls.close();
  });

  it('take one after the other what several ask for at the same time', async () => {
    const broker = new MemoryBroker();
    let producers = 0;
    const make = broker.producer.bind(broker);
    broker.producer = () => {
      producers++;
      return make();
    };
    const controls = new ClusterControls(broker, new ClusterModels(registry, []));
    const changes = [{ portsPerTarget: 12 }, { failedShare: 0.7 }];
    await Promise.all(
      changes.map((portScan) => controls.apply({ kind: 'thresholds', settings: { host: { portScan } } })),
    );
    expect(producers).toBe(1);
    const values = new Map(controls.settings().map(({ path, value }) => [path, value]));
    expect(values.get('host.portScan.portsPerTarget')).toBe(12);
    expect(values.get('host.portScan.failedShare')).toBe(0.7);
    await controls.close();
  });

  it('let go of a producer that cannot connect', async () => {
    const broker = new MemoryBroker();
    broker.isAway = true;
    const producer = broker.producer();
    let goodbyes = 0;
    broker.producer = () => ({ ...producer, disconnect: async () => void goodbyes++ });
    const controls = new ClusterControls(broker, undefined);
    const control = { kind: 'thresholds', settings: { host: { maxHosts: 16_384 } } } as const;
    await expect(controls.apply(control)).rejects.toThrow(/could not be sent/);
    expect(goodbyes).toBe(1);
  });

  it('refuse what is no model, and hand nothing on', async () => {
    const broker = new MemoryBroker();
    const controls = new ClusterControls(broker, new ClusterModels(registry, ['flow-fusion']));
    await expect(controls.apply({ kind: 'model', name: 'unknown' })).rejects.toThrow(/missing/);
    expect([told(broker), inUse(controls)]).toEqual([[], ['flow-fusion']]);
  });

  it('say so where the functions run without models', async () => {
    const controls = new ClusterControls(new MemoryBroker(), undefined);
    expect(controls.missing('models')).toMatch(/WEIR_MODEL/);
    await expect(controls.apply({ kind: 'model', name: 'flow-fusion' })).rejects.toThrow(/WEIR_MODEL/);
  });
});

describe('thresholds', () => {
  it('keep what was changed before, and say what cannot change', () => {
    const thresholds = new Thresholds(config);
    thresholds.use(thresholds.with({ host: { portScan: { portsPerTarget: 12 } } }));
    thresholds.use(thresholds.with({ host: { portScan: { failedShare: 0.7 } } }));
    const settings = new Map(thresholds.list().map((setting) => [setting.path, setting]));
    expect(settings.get('host.portScan.portsPerTarget')).toMatchObject({ value: 12, default: 10 });
    expect(settings.get('host.portScan.failedShare')?.value).toBe(0.7);
    expect(settings.get('host.maxHosts')?.fixed).toMatch(/--config/);
    expect(settings.get('host.portScan.failedShare')?.fixed).toBeUndefined();
  });

  it('leave what a file of rules said as it is', () => {
    const lists = [{ name: 'a', type: 'domain' as const, entries: ['bad.example'] }];
    const thresholds = new Thresholds({ ...config, host: { ...config.host, lists } });
    expect(() => thresholds.with({ host: { lists: [] } })).toThrow(/host\.lists: .*--rules FILE/);
    expect(() => thresholds.with({ incident: { exceptions: [] } })).toThrow(/incident\.exceptions: .*--rules FILE/);
    expect(thresholds.with({ host: { portScan: { portsPerTarget: 12 } } }).host.portScan.portsPerTarget).toBe(12);
  });

  it.each<[Record<string, unknown>]>([[{ constructor: {} }], [{ host: { hasOwnProperty: 1 } }], [{ nothing: 1 }]])(
    'refuse %j',
    (settings) => {
      expect(() => new Thresholds(config).with(settings)).toThrow();
    },
  );
});
