import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryIo } from '../memory-io.js';
import { run } from '../run.js';

const shipped = fileURLToPath(new URL('../../../models/registry', import.meta.url));

interface Registered {
  readonly name: string;
  readonly version: string;
  readonly current_stage: string;
  readonly source: string;
}

/** Answers as an MLflow server does; `files` are its artifacts by path. */
class FakeMlflow {
  readonly versions: Registered[] = [];
  readonly aliases = new Map<string, Registered>();
  readonly files = new Map<string, Buffer>();
  readonly tokens = new Set<string | undefined>();
  private server: Server | undefined;

  async start(): Promise<string> {
    this.server = createServer((request, response) => {
      this.tokens.add(request.headers.authorization);
      const body = this.answer(new URL(request.url!, 'http://x'));
      response.statusCode = body === undefined ? 404 : 200;
      response.end(body ?? '{}');
    });
    await new Promise<void>((resolve) => this.server!.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }

  /** Registers a shipped model as a version of its name. */
  register(name: string, version: string, stage = 'None'): Registered {
    const registered = {
      name,
      version,
      current_stage: stage,
      source: `mlflow-artifacts:/1/${name}${version}/artifacts/model`,
    };
    this.versions.push(registered);
    for (const file of ['manifest.json', 'model.onnx']) {
      const path = join(shipped, name, file);
      if (existsSync(path)) this.files.set(`1/${name}${version}/artifacts/model/${file}`, readFileSync(path));
    }
    return registered;
  }

  private answer({ pathname, searchParams }: URL): string | Buffer | undefined {
    if (pathname.endsWith('/model-versions/search')) {
      const name = /'(.*)'/.exec(searchParams.get('filter')!)![1];
      return JSON.stringify({ model_versions: this.versions.filter((one) => one.name === name) });
    }
    if (pathname.endsWith('/registered-models/alias')) {
      const found = this.aliases.get(`${searchParams.get('name')}@${searchParams.get('alias')}`);
      return found && JSON.stringify({ model_version: found });
    }
    return this.files.get(pathname.replace('/api/2.0/mlflow-artifacts/artifacts/', ''));
  }
}

describe('weir models pull', () => {
  let mlflow: FakeMlflow;
  let uri: string;
  let registry: string;
  beforeEach(async () => {
    mlflow = new FakeMlflow();
    uri = await mlflow.start();
    registry = mkdtempSync(join(tmpdir(), 'weir-registry-'));
  });
  afterEach(() => mlflow.stop());

  const pull = async (...names: string[]) => {
    const io = { ...createMemoryIo({}), env: { MLFLOW_TRACKING_URI: uri, MLFLOW_TRACKING_TOKEN: 'secret' } };
    const code = await run(['models', 'pull', ...names, '--registry', registry], io);
    return { code, ...io.written };
  };

  it('copies the newest version, which can then be used', async () => {
    mlflow.register('flow-cluster', '9');
    mlflow.register('flow-cluster', '10');
    const { stdout } = await pull('flow-cluster');
    expect(stdout).toContain('flow-cluster version 10');
    expect(readdirSync(registry)).toEqual(['flow-cluster']);
    expect(readFileSync(join(registry, 'flow-cluster', 'model.onnx'))).toEqual(
      readFileSync(join(shipped, 'flow-cluster', 'model.onnx')),
    );
    expect([...mlflow.tokens]).toEqual(['Bearer secret']);
  });

  it('copies that of a stage, or of an alias', async () => {
    mlflow.register('flow-cluster', '1', 'Production');
    mlflow.aliases.set('flow-cluster@champion', mlflow.register('flow-cluster', '2'));
    mlflow.register('flow-cluster', '3', 'Staging');
    expect((await pull('flow-cluster', 'Production')).stdout).toContain('version 1');
    expect((await pull('flow-cluster', 'champion')).stdout).toContain('version 2');
    expect((await pull('flow-cluster', 'Archived')).stderr).toContain('in the stage or with the alias "Archived"');
  });

  it('copies the members of a fusion with it', async () => {
    const { members } = JSON.parse(readFileSync(join(shipped, 'flow-fusion', 'manifest.json'), 'utf8')) as {
      members: string[];
    };
    for (const name of ['flow-fusion', ...members]) mlflow.register(name, '1');
    expect((await pull('flow-fusion')).code).toBe(0);
    expect(readdirSync(registry).sort()).toEqual(['flow-fusion', ...members].sort());
  });

  it('leaves what is there where the new one is refused', async () => {
    cpSync(join(shipped, 'flow-cluster'), join(registry, 'flow-cluster'), { recursive: true });
    const { source } = mlflow.register('flow-cluster', '2');
    mlflow.files.set(`${source.replace('mlflow-artifacts:/', '')}/model.onnx`, Buffer.from('nothing'));
    const { code, stderr } = await pull('flow-cluster');
    expect([code, stderr]).toEqual([2, expect.stringContaining('model.onnx is not the file')]);
    expect(readdirSync(registry)).toEqual(['flow-cluster']);
    expect(readFileSync(join(registry, 'flow-cluster', 'model.onnx')).length).toBeGreaterThan(1000);
  });

  it('says what is wrong with the server', async () => {
    expect((await pull('flow-cluster')).stderr).toContain('has no model "flow-cluster"');
    expect((await pull('../etc')).stderr).toContain('no name of a model');
    mlflow.stop();
    expect((await pull('flow-cluster')).stderr).toContain('cannot be reached');
    uri = '';
    expect((await pull('flow-cluster')).stderr).toContain('Set MLFLOW_TRACKING_URI');
    uri = 'file:///tmp';
    expect((await pull('flow-cluster')).stderr).toContain('Give the address of a server');
  });
});
