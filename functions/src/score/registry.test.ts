import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelManifest } from '@weir/contracts';
import { FEATURE_LISTS } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { Registry, selectModels } from './index.js';
import { message, TinyRegistry, tensor, tinyGraph, tinyManifest, weightsOf } from './tiny-model.fixture.js';

const weights = weightsOf('flow', { durationS: 1 });
const graph = tinyGraph({ weights });
const registryOf = (tiny: TinyRegistry) => new Registry(tiny.folder);
const width = FEATURE_LISTS.flow.length;

describe('a model of the registry', () => {
  it('scores rows, whatever their number, in steps of 1e-4', async () => {
    const model = await registryOf(new TinyRegistry().add('tiny', graph)).load('tiny');
    const rows = new Float32Array(3 * width);
    rows[3] = 0.123456;
    rows[width + 3] = 7;
    rows[2 * width + 3] = Number.NaN;
    expect([...(await model.score(rows, 3))]).toEqual([0.1235, 7, 0]);
    expect([...(await model.score(rows, 1))]).toEqual([0.1235]);
    expect([...(await model.score(rows, 0))]).toEqual([]);
  });

  it('is listed when it has a manifest', () => {
    const tiny = new TinyRegistry().add('b', graph).add('a', graph);
    writeFileSync(join(tiny.folder, 'default.json'), '{}');
    expect(registryOf(tiny).ids()).toEqual(['a', 'b']);
    expect(new Registry(join(tiny.folder, 'nowhere')).ids()).toEqual([]);
  });
});

describe('a model is refused by name', () => {
  const refused = (tiny: TinyRegistry, id = 'bad') => expect(registryOf(tiny).load(id)).rejects;
  const otherUnit = FEATURE_LISTS.flow.map(({ name, unit }, k) =>
    k === 3 ? { name: 'durationMs', unit: 'ms' } : { name, unit },
  );

  it('when it is not there, with those that are', async () => {
    await refused(new TinyRegistry().add('good', graph)).toThrow(/"bad" is refused: .*missing\. Known: good/);
    await refused(new TinyRegistry().add('bad', undefined)).toThrow(/model\.onnx is missing/);
  });

  it('when its name leads out of the registry', async () => {
    await refused(new TinyRegistry(), '../bad').toThrow('that is no name of a model');
  });

  it('when its features are others, with the names that differ', async () => {
    await refused(new TinyRegistry().add('bad', graph, { features: otherUnit })).toThrow(
      'durationMs [ms] where durationS [s] is computed',
    );
    await refused(new TinyRegistry().add('bad', graph, { features: otherUnit.slice(0, 40) })).toThrow(
      'nothing where rejected [1] is computed',
    );
  });

  it('when its manifest is damaged or another', async () => {
    const tiny = new TinyRegistry().add('bad', graph);
    writeFileSync(join(tiny.folder, 'bad', 'manifest.json'), '{"version":');
    await refused(tiny).toThrow(/its manifest is not a valid ModelManifest/);
    await refused(new TinyRegistry().add('bad', graph, { id: 'good' })).toThrow('its manifest is that of "good"');
    await refused(new TinyRegistry().add('bad', graph, { featuresSha256: '0'.repeat(64) })).toThrow('featuresSha256');
  });

  it('when its file is not the one it was written for', async () => {
    await refused(new TinyRegistry().add('bad', graph, { digest: { modelSha256: '0'.repeat(64) } })).toThrow(
      'not the file that its manifest was written for',
    );
  });

  it.each([1, 40, 400])('when its file is cut short to %i bytes', async (bytes) => {
    const tiny = new TinyRegistry();
    const { digest: _, ...manifest } = tinyManifest('bad', 'flow');
    tiny.add('bad', graph);
    writeFileSync(join(tiny.folder, 'bad', 'manifest.json'), JSON.stringify(manifest));
    truncateSync(join(tiny.folder, 'bad', 'model.onnx'), bytes);
    await refused(tiny).toThrow(/model "bad" is refused: /);
  });

  it('when its weights lie in another file', async () => {
    const external = tensor(
      'more',
      [1],
      [0],
      [
        [14, 1],
        [
          13,
          message([
            [1, 'location'],
            [2, '/etc/passwd'],
          ]),
        ],
      ],
    );
    await refused(new TinyRegistry().add('bad', tinyGraph({ weights, initializers: [external] }))).toThrow(
      'its weights lie in another file',
    );
  });

  it('when a tensor claims to be huge', async () => {
    const huge = tensor('more', [1 << 20, 1 << 20], [0]);
    await refused(new TinyRegistry().add('bad', tinyGraph({ weights, initializers: [huge] }))).toThrow(
      'it has a tensor of 1099511627776 numbers',
    );
  });

  it('when its graph uses an operator that can do more than arithmetic', async () => {
    await refused(new TinyRegistry().add('bad', tinyGraph({ weights, operator: 'Loop' }))).toThrow('operator "Loop"');
  });

  it('when its graph takes another number of features', async () => {
    await refused(new TinyRegistry().add('bad', tinyGraph({ weights: weights.slice(1) }))).toThrow(
      /fails on|cannot load/,
    );
  });

  it('when its outputs have other names', async () => {
    await refused(new TinyRegistry().add('bad', graph, { output: 'label' })).toThrow(
      'its manifest names the output "label", its graph has score',
    );
  });
});

describe('a selection', () => {
  const fusion: Partial<ModelManifest> = { kind: 'fusion', members: ['a', 'b'], combine: 'mean' };

  it('joins the members of a fusion', async () => {
    const tiny = new TinyRegistry().add('a', graph).add('b', graph).add('both', undefined, fusion);
    const [selection] = await selectModels(registryOf(tiny), ['both']);
    expect(selection!.members.map(({ manifest }) => manifest.id)).toEqual(['a', 'b']);
  });

  it('is refused when a member scores other rows', async () => {
    const windows = tinyGraph({ weights: weightsOf('host-window', {}) });
    const tiny = new TinyRegistry()
      .add('a', graph)
      .add('b', windows, { list: 'host-window' })
      .add('both', undefined, fusion);
    await expect(selectModels(registryOf(tiny), ['both'])).rejects.toThrow('its member "b" scores host-window');
  });

  it('has one model for each list', async () => {
    const tiny = new TinyRegistry().add('a', graph).add('b', graph);
    await expect(selectModels(registryOf(tiny), ['a', 'b'])).rejects.toThrow('"a" already scores flow');
  });
});
