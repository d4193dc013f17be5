import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions } from 'fastify';
import { FeedBus } from './feed/bus.js';
import { type AnalysisResult, type ControlPort, type Ports, RequestError } from './ports.js';
import { type Dashboard, startDashboard } from './server.js';
import type { ServerSettings } from './settings.js';

export const TEST_SETTINGS: ServerSettings = {
  host: '127.0.0.1', port: 0, login: 'link', allowInsecure: false, historyPath: 'memory',
  retention: { days: 30, bytes: 200e6 }, uploadBytes: 1e6, requestsPerMinute: 1200, passwordCostLog2: 8, pageFolder: '/nowhere', mode: 'embedded', source: 'a test',
  isReplay: true, version: '0.0.0',
}; // biome-ignore format: fields in few lines

/** Controls that can be steered, and remember what they were told. */
export class TestControls implements ControlPort {
  readonly told: unknown[] = [];
  readonly reasons: Partial<Record<string, string>> = { thresholds: 'Thresholds are fixed while it runs.' };

  missing(name: string): string | undefined {
    return this.reasons[name];
  }

  async apply(control: unknown) {
    this.told.push(control);
    return { done: true, message: 'Done.' };
  }

  sensorFacts() {
    return { interfaces: [], source: 'a test' };
  }

  settings() {
    const path = 'host.portScan.ports.in10s';
    return [{ path, value: 30, default: 30, unit: 'port', description: 'A setting' }];
  }
}

/** What an analyser says of any file that is not `broken`. */
export const ANALYSIS: AnalysisResult = {
  incidents: [], flows: 3, packets: 7, scatter: [], distributions: [], warnings: [], severities: {}, startMs: 1, endMs: 2,
}; // biome-ignore format: fields in few lines

export function testPorts(parts: Partial<Ports> = {}): Ports & { controls: TestControls } {
  return {
    controls: new TestControls(),
    analyser: {
      analyse: async ({ fileName, onProgress }) => {
        onProgress({ share: 0.5, packets: 3, incidents: 0 });
        if (fileName.includes('broken')) throw new RequestError(422, 'It is no capture.');
        return ANALYSIS;
      },
    },
    generator: {
      options: () => ({
        attacks: [{ name: 'port-scan', description: 'A scan' }],
        formats: ['pcap', 'csv'],
        maxDurationS: 600,
      }),
      generate: async (_, { data, truth }) => {
        writeFileSync(data, 'data');
        writeFileSync(truth, 'truth');
      },
    },
    ...parts,
  } as Ports & { controls: TestControls };
}

/** A dashboard for tests, and a browser that uses it. */
export class TestDashboard {
  cookie = '';
  csrf = '';
  private logins = 0;
  readonly errors: unknown[] = [];
  readonly said: { kind: string; url?: string; password?: string }[] = [];
  dashboard!: Dashboard;

  private constructor(
    readonly bus: FeedBus,
    readonly ports: ReturnType<typeof testPorts>,
  ) {}

  static async start(settings: Partial<ServerSettings> = {}, ports = testPorts()): Promise<TestDashboard> {
    const bus = new FeedBus((error) => test.errors.push(error));
    const test: TestDashboard = new TestDashboard(bus, ports);
    test.dashboard = await startDashboard({
      settings: { ...TEST_SETTINGS, ...settings },
      feed: test.bus,
      ports,
      nowMs: () => Date.now(),
      onError: (error) => test.errors.push(error),
      say: (what) => test.said.push(what),
    });
    return test;
  }

  /** Follows the link that was printed last. */
  async followLink(): Promise<void> {
    const { pathname, search } = new URL(this.said.findLast(({ kind }) => kind === 'link')!.url!);
    const { statusCode } = await this.raw({ method: 'GET', url: pathname + search });
    if (statusCode !== 303) throw new Error(`the link answered ${statusCode}`);
    await this.learnCsrf();
  }

  /** Logs in from an address of its own, as logins are counted by address. */
  async logIn(name: string, password: string, remoteAddress = `10.1.1.${++this.logins}`) {
    this.cookie = '';
    const payload = { name, password };
    const answer = await this.raw({ method: 'POST', url: '/api/v1/session', payload, remoteAddress });
    if (answer.statusCode === 200) await this.learnCsrf();
    return answer;
  }

  private async learnCsrf(): Promise<void> {
    this.csrf = (await this.raw({ method: 'GET', url: '/api/v1/session' })).json().csrfToken;
  }

  /** A request with the cookie, and without a CSRF token. */
  async raw(options: InjectOptions) {
    const headers = { host: '127.0.0.1', ...(this.cookie === '' ? {} : { cookie: this.cookie }), ...options.headers };
    const answer = await this.dashboard.app.inject({ ...options, headers });
    const [set] = [answer.headers['set-cookie'] ?? []].flat();
    if (set) this.cookie = set.split(';')[0]!;
    return answer;
  }

  /** A request as the page makes it. */
  call(method: NonNullable<InjectOptions['method']>, path: string, payload?: object) {
    const headers = { 'x-weir-csrf': this.csrf };
    return this.raw({ method, url: `/api/v1/${path}`, headers, ...(payload === undefined ? {} : { payload }) });
  }

  /** Resolves when what was pushed is kept. */
  async settle(): Promise<void> {
    await until(() => this.bus.counts().lag === 0);
    await this.dashboard.parts.history.database.alone('SELECT 1');
  }

  stop(): Promise<void> {
    return this.dashboard.stop();
  }
}

/** Resolves when `holds`, asked again and again; rejects after fifteen seconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = Date.now() + 15_000;
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error('what was waited for did not come within 15 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A folder that goes with the machine's temporary files. */
export const temporaryFolder = () => mkdtempSync(join(tmpdir(), 'weir-test-'));
