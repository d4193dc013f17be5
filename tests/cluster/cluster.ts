import { docker } from './docker.js';

/** Where the cluster of the tests is. */
export interface ClusterPlace {
  /** Of the Compose project. */
  readonly name: string;
  readonly kafkaPort: number;
  readonly flinkPort: number;
  readonly dashboardPort: number;
}

/** What tests vary. */
export interface ClusterSettings {
  /** Of the Flink job. */
  readonly parallelism?: number;
  /** Sensors that time waits for, such as `a/2,b/2`. */
  readonly sensors?: string;
  /** Replicas of the functions. */
  readonly functions?: number;
}

/** Parts that can be killed. */
export type Part = 'kafka' | 'functions' | 'jobmanager' | 'taskmanager';

/** The variables of docker-compose.yml. */
export function settingsOf(
  { kafkaPort, flinkPort, dashboardPort }: ClusterPlace,
  { parallelism = 2, sensors = '' }: ClusterSettings,
): Record<string, string> {
  return {
    WEIR_KAFKA_PORT: String(kafkaPort),
    WEIR_FLINK_PORT: String(flinkPort),
    WEIR_DASHBOARD_PORT: String(dashboardPort),
    WEIR_PARALLELISM: String(parallelism),
    WEIR_SENSORS: sensors,
    // So that a kill always finds work done since the last one, and not much of it.
    WEIR_CHECKPOINT_INTERVAL: '3s',
    // A sensor that waits while a part is away must not count as silent.
    WEIR_SILENCE_TIMEOUT: '300',
  };
}

/** The running cluster, as an operator has it in hand. */
export class Cluster {
  private settings: ClusterSettings = {};

  constructor(readonly place: ClusterPlace) {}

  /** `host:port` for agents on this machine. */
  get brokers(): string {
    return `localhost:${this.place.kafkaPort}`;
  }

  /** Gives the cluster these settings and waits until it is healthy; only what they concern is made anew. */
  async configure(settings: ClusterSettings): Promise<void> {
    this.settings = settings;
    await this.compose(['up', '-d', '--wait', '--scale', `functions=${settings.functions ?? 1}`]);
  }

  /** Ends every process of a part at once, without a word. Its restart policy brings it back. */
  async kill(part: Part): Promise<void> {
    // The exec itself may be ended as well.
    await this.compose(['exec', '-T', part, 'sh', '-c', 'kill -9 -1']).catch(() => undefined);
  }

  /** How often the container of a part was started again since it was made. */
  async restarts(part: Part): Promise<number> {
    const container = (await this.compose(['ps', '--all', '-q', part])).trim();
    return Number(await docker(['inspect', '--format', '{{.RestartCount}}', container]));
  }

  /** Waits until every part is healthy again. */
  async healthy(): Promise<void> {
    await this.configure(this.settings);
  }

  /** Cuts a part off from all others. Returns what mends it. */
  async cutOff(part: Part): Promise<() => Promise<void>> {
    const network = `${this.place.name}_default`;
    const container = (await this.compose(['ps', '-q', part])).trim();
    await docker(['network', 'disconnect', network, container]);
    return async () => {
      await docker(['network', 'connect', '--alias', part, network, container]);
    };
  }

  /** An answer of Flink's REST interface. */
  async flink(path: string): Promise<unknown> {
    const response = await fetch(`http://localhost:${this.place.flinkPort}${path}`);
    return response.json();
  }

  compose(args: readonly string[]): Promise<string> {
    const { name } = this.place;
    return docker(['compose', '--project-name', name, ...args], settingsOf(this.place, this.settings));
  }
}
