import { setTimeout as delay } from 'node:timers/promises';
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
  /** Models that score, with commas, and the score from which they alarm. */
  readonly models?: string;
  readonly threshold?: number;
  /** A folder of this machine, and the file of rules in it. */
  readonly rules?: { readonly folder: string; readonly file: string };
}

/** What is used of Flink's answers. */
interface Checkpoints {
  readonly latest: { readonly completed: { readonly trigger_timestamp: number } | null };
}
interface Jobs {
  readonly jobs: readonly { readonly jid: string; readonly state: string }[];
}
interface Exceptions {
  readonly exceptionHistory: {
    readonly entries: readonly { readonly exceptionName: string; readonly timestamp: number }[];
  };
}
interface TaskManagers {
  readonly taskmanagers: readonly { readonly slotsNumber: number; readonly freeSlots: number }[];
}

const CHECKPOINT_TIMEOUT_MS = 60_000;
const HEALTHY_TIMEOUT_MS = 120_000;
const LOOK_EVERY_MS = 500;

/** Parts that can be killed. */
export type Part = 'kafka' | 'functions' | 'jobmanager' | 'taskmanager';

/** The variables of docker-compose.yml. */
export function settingsOf(
  { kafkaPort, flinkPort, dashboardPort }: ClusterPlace,
  { parallelism = 2, sensors = '', models = '', threshold, rules }: ClusterSettings,
): Record<string, string> {
  return {
    WEIR_KAFKA_PORT: String(kafkaPort),
    WEIR_FLINK_PORT: String(flinkPort),
    WEIR_DASHBOARD_PORT: String(dashboardPort),
    WEIR_PARALLELISM: String(parallelism),
    WEIR_SENSORS: sensors,
    WEIR_MODEL: models,
    WEIR_THRESHOLD: String(threshold ?? ''),
    WEIR_RULES: rules ? `/rules/${rules.file}` : '',
    WEIR_RULES_FOLDER: rules?.folder ?? '',
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

  /**
   * Gives the cluster these settings and waits until it is healthy; only what they concern is made anew. What was done
   * before is in a checkpoint by then: a job that goes on from an older one tells it again.
   */
  async configure(settings: ClusterSettings): Promise<void> {
    await this.checkpointed();
    this.settings = settings;
    await this.healthy();
  }

  /** Ends every process of a part at once, without a word. Its restart policy brings it back. */
  async kill(part: Part): Promise<void> {
    // The exec itself may be ended as well.
    await this.compose(['exec', '-T', part, 'sh', '-c', 'kill -9 -1']).catch(() => undefined);
  }

  /** What the functions tell of themselves, as Prometheus text. */
  functionsMetrics(): Promise<string> {
    const program = "fetch('http://localhost:8000/metrics').then((a) => a.text()).then((t) => process.stdout.write(t))";
    return this.compose(['exec', '-T', 'functions', 'node', '-e', program]);
  }

  /** How often the container of a part was started again since it was made. */
  async restarts(part: Part): Promise<number> {
    const container = (await this.compose(['ps', '--all', '-q', part])).trim();
    return Number(await docker(['inspect', '--format', '{{.RestartCount}}', container]));
  }

  /** Waits until every part is healthy. */
  async healthy(): Promise<void> {
    const deadlineMs = Date.now() + HEALTHY_TIMEOUT_MS;
    const isUp = () => this.compose(['up', '-d', '--wait', '--scale', `functions=${this.settings.functions ?? 1}`]);
    // It gives up at the first part that is not healthy just now.
    for (;;) {
      try {
        await isUp();
        return;
      } catch (error) {
        if (Date.now() > deadlineMs) throw error;
      }
    }
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

  /** Waits for a checkpoint that begins after now. */
  private async checkpointed(): Promise<void> {
    const sinceMs = Date.now();
    const deadlineMs = sinceMs + CHECKPOINT_TIMEOUT_MS;
    while ((await this.lastCheckpointMs()) <= sinceMs) {
      if (Date.now() > deadlineMs) throw new Error(`no checkpoint within ${CHECKPOINT_TIMEOUT_MS} ms`);
      await delay(LOOK_EVERY_MS);
    }
  }

  /** How Flink is, in a line: for the message of a test that fails. */
  async condition(): Promise<string> {
    const agoS = (ms: number) => `${((Date.now() - ms) / 1000).toFixed(0)} s ago`;
    try {
      const [{ jobs }, { taskmanagers }] = [await this.jobs(), (await this.flink('/taskmanagers')) as TaskManagers];
      const job = jobs[0];
      if (job === undefined) return 'Flink has no job';
      const { exceptionHistory } = (await this.flink(`/jobs/${job.jid}/exceptions`)) as Exceptions;
      const failures = exceptionHistory.entries.map((entry) => `${entry.exceptionName} ${agoS(entry.timestamp)}`);
      const slots = taskmanagers.map(({ slotsNumber, freeSlots }) => `${freeSlots} of ${slotsNumber} slots free`);
      const checkpoint = agoS(await this.lastCheckpointMs());
      return `the job is ${job.state}, ${slots}; checkpoint ${checkpoint}; failures: ${failures.join(', ') || 'none'}`;
    } catch (error) {
      return `Flink does not answer: ${error}`;
    }
  }

  private async jobs(): Promise<Jobs> {
    return (await this.flink('/jobs/overview')) as Jobs;
  }

  /** When the newest complete checkpoint of the job began; 0 without. */
  private async lastCheckpointMs(): Promise<number> {
    const { jobs } = await this.jobs();
    if (jobs[0] === undefined) return 0;
    const { latest } = (await this.flink(`/jobs/${jobs[0].jid}/checkpoints`)) as Checkpoints;
    return latest.completed?.trigger_timestamp ?? 0;
  }

  /** An answer of Flink's REST interface. */
  private async flink(path: string): Promise<unknown> {
    const response = await fetch(`http://localhost:${this.place.flinkPort}${path}`);
    return response.json();
  }

  compose(args: readonly string[]): Promise<string> {
    const { name } = this.place;
    return docker(['compose', '--project-name', name, ...args], settingsOf(this.place, this.settings));
  }
}
