import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODEL_ID, type ModelManifest } from '@weir/contracts';
import { Registry } from '@weir/functions';
import { UsageError } from '../errors.js';

/** Longest that one answer of the server is waited for. Unit: ms. */
const PATIENCE_MS = 60_000;
const MOST_MANIFEST_BYTES = 4 * 1024 * 1024;
const MOST_MODEL_BYTES = 64 * 1024 * 1024;
const API = '/api/2.0/mlflow';
const ARTIFACTS = '/api/2.0/mlflow-artifacts/artifacts/';

/** Where models are registered: MLFLOW_TRACKING_URI, and MLFLOW_TRACKING_TOKEN where the server asks for one. */
export interface MlflowAddress {
  readonly uri: string;
  readonly token: string | undefined;
}

/** The server that the environment names. Throws a UsageError when it names none. */
export function mlflowOf(env: Readonly<Record<string, string | undefined>>): MlflowAddress {
  const uri = env.MLFLOW_TRACKING_URI;
  if (!uri) throw new UsageError('no MLflow server. Set MLFLOW_TRACKING_URI, such as http://127.0.0.1:5000.');
  if (!/^https?:\/\//.test(uri))
    throw new UsageError(`MLFLOW_TRACKING_URI is "${uri}". Give the address of a server, with http:// or https://.`);
  return { uri: uri.replace(/\/+$/, ''), token: env.MLFLOW_TRACKING_TOKEN };
}

/** A registered model, and which of its versions: a stage (`Production`), an alias, or the newest where nothing is said. */
export interface Wanted {
  readonly name: string;
  readonly stage: string | undefined;
}

/**
 * Copies a model, and the members of a fusion, from MLflow into a registry's folder; each is checked before it takes the
 * place of another. Gives what was copied, in words. Rejects with a UsageError, or the ModelError of a model that is refused.
 */
export async function pullModel(server: MlflowAddress, registry: Registry, wanted: Wanted): Promise<string[]> {
  const { name, stage } = wanted;
  if (!MODEL_ID.test(name))
    throw new UsageError(`"${name}" is no name of a model. Use lower-case letters, digits, - and .`);
  const { version, source } = await versionOf(server, wanted);
  const manifest = await download(server, `${source}/manifest.json`, MOST_MANIFEST_BYTES);
  const { members = [] } = JSON.parse(manifest.toString('utf8')) as Partial<ModelManifest>;
  const pulled: string[] = [];
  for (const member of members) pulled.push(...(await pullModel(server, registry, { name: member, stage })));
  const isFusion = members.length > 0;
  const graph = isFusion ? undefined : await download(server, `${source}/model.onnx`, MOST_MODEL_BYTES);
  await install(registry, name, { manifest, graph });
  return [...pulled, `${name} version ${version}`];
}

interface Version {
  readonly version: string;
  /** Path below the server's artifacts. */
  readonly source: string;
}

async function versionOf(server: MlflowAddress, wanted: Wanted): Promise<Version> {
  const { name, stage } = wanted;
  const found =
    (await ofStage(server, wanted)) ?? (stage === undefined ? undefined : await ofAlias(server, name, stage));
  const of = stage === undefined ? `"${name}"` : `"${name}" in the stage or with the alias "${stage}"`;
  if (!found)
    throw new UsageError(`MLflow at ${server.uri} has no model ${of}. Register it with weir train, or name another.`);
  const [scheme, path] = [found.source.split(':')[0], found.source.replace(/^[^:]*:\/*/, '')];
  if (scheme !== 'mlflow-artifacts')
    throw new UsageError(
      `MLflow keeps "${name}" at "${found.source}". Start it with --serve-artifacts, so that it gives it out itself.`,
    );
  return { version: found.version, source: path };
}

interface Told {
  readonly version: string;
  readonly source: string;
  readonly current_stage?: string;
}

async function ofStage(server: MlflowAddress, { name, stage }: Wanted): Promise<Told | undefined> {
  const query = new URLSearchParams({ filter: `name='${name}'`, max_results: '1000' });
  const { model_versions: versions = [] } = await json<{ model_versions?: Told[] }>(
    server,
    `/model-versions/search?${query}`,
  );
  const meant = versions.filter(({ current_stage: is }) => stage === undefined || is === stage);
  return meant.sort((a, b) => Number(b.version) - Number(a.version))[0];
}

async function ofAlias(server: MlflowAddress, name: string, alias: string): Promise<Told | undefined> {
  const query = new URLSearchParams({ name, alias });
  const answer = await request(server, `${API}/registered-models/alias?${query}`);
  if (!answer.ok) return undefined;
  return ((await answer.json()) as { model_version: Told }).model_version;
}

async function json<T>(server: MlflowAddress, path: string): Promise<T> {
  const answer = await request(server, API + path);
  if (answer.ok) return (await answer.json()) as T;
  throw new UsageError(`MLflow at ${server.uri} answers ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
}

async function download(server: MlflowAddress, path: string, mostBytes: number): Promise<Buffer> {
  const answer = await request(server, ARTIFACTS + path.split('/').map(encodeURIComponent).join('/'));
  if (!answer.ok || !answer.body)
    throw new UsageError(`MLflow at ${server.uri} has no artifact ${path} (${answer.status}).`);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer.body) {
    bytes += part.length;
    if (bytes > mostBytes) throw new UsageError(`${path} has more than ${mostBytes} bytes. At most so many are read.`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function request({ uri, token }: MlflowAddress, path: string): Promise<Response> {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  try {
    return await fetch(uri + path, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (error) {
    const { cause, message } = error as Error & { cause?: Error };
    throw new UsageError(`MLflow at ${uri} cannot be reached (${cause?.message ?? message}). Is it running?`);
  }
}

/** Writes a model beside its place, loads it as scoring would, and only then puts it there. */
async function install(
  registry: Registry,
  name: string,
  { manifest, graph }: { manifest: Buffer; graph: Buffer | undefined },
): Promise<void> {
  const trial = mkdtempSync(join(registry.folder, '.pull-'));
  try {
    const folder = join(trial, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'manifest.json'), manifest);
    if (graph) writeFileSync(join(folder, 'model.onnx'), graph);
    await (graph ? new Registry(trial).load(name) : new Registry(trial).manifest(name));
    const place = join(registry.folder, name);
    rmSync(place, { recursive: true, force: true });
    renameSync(folder, place);
  } finally {
    rmSync(trial, { recursive: true, force: true });
  }
}
