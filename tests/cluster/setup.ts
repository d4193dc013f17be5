import { createServer } from 'node:net';
import { DockerComposeEnvironment, Wait } from 'testcontainers';
import type { TestProject } from 'vitest/node';
import { type ClusterPlace, settingsOf } from './cluster.js';
import { hasDocker, ROOT } from './docker.js';

/** From a machine without images to a healthy cluster. */
const START_TIMEOUT_MS = 5 * 60_000;

declare module 'vitest' {
  interface ProvidedContext {
    place: ClusterPlace | undefined;
  }
}

/** One cluster for all test files: the project's own docker-compose.yml, under a name and with ports of its own. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (!hasDocker()) {
    const missing = 'no container engine with Compose answers (docker version, docker compose version)';
    if (process.env.CI) throw new Error(`the cluster tests must run in CI, but ${missing}`);
    console.warn(`The cluster tests are skipped: ${missing}.`);
    project.provide('place', undefined);
    return undefined;
  }
  const running = runningCluster(process.env.WEIR_TEST_CLUSTER);
  if (running) {
    project.provide('place', running);
    return undefined;
  }
  const [kafkaPort, flinkPort, dashboardPort] = [await freePort(), await freePort(), await freePort()];
  const place = { name: `weir-test-${process.pid}`, kafkaPort, flinkPort, dashboardPort };
  const startedMs = performance.now();
  const environment = await new DockerComposeEnvironment(ROOT, 'docker-compose.yml')
    .withProjectName(place.name)
    .withEnvironment(settingsOf(place, {}))
    .withBuild()
    .withDefaultWaitStrategy(Wait.forHealthCheck())
    .withStartupTimeout(START_TIMEOUT_MS)
    .up();
  console.info(`The cluster was healthy after ${((performance.now() - startedMs) / 1000).toFixed(0)} s.`);
  project.provide('place', place);
  return async () => {
    await environment.down({ removeVolumes: true, timeout: 5000 });
  };
}

/** A cluster that runs already and is left running, such as `weir:9092:8081:8080`: its project and ports. */
function runningCluster(text = ''): ClusterPlace | undefined {
  const [name, ...ports] = text.split(':');
  if (!name) return undefined;
  const [kafkaPort, flinkPort, dashboardPort] = ports.map(Number) as [number, number, number];
  return { name, kafkaPort, flinkPort, dashboardPort };
}

/** A port of loopback that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
