import { ControlRefused, listInterfaces, SourceError } from '@weir/capture-agent';
import type { Control } from '@weir/contracts';
import { type ControlPort, RequestError, type SensorFacts } from '@weir/dashboard-server';
import type { DetectionConfig, EmbeddedRuntime } from '@weir/functions';
import type { AgentInput } from '../agent/agent-input.js';
import type { ModelChoice } from './model-choice.js';
import { Thresholds } from './thresholds.js';

type CapabilityName = Parameters<ControlPort['missing']>[0];

const ENDED = 'The input has ended. Start Weir again to see it once more.';

/** What the controls are of. */
export interface ControlledRun {
  readonly isLive: boolean;
  readonly sensor: string;
  readonly config: DetectionConfig;
  /** Where thresholds and suppressions go. */
  readonly functions: Pick<EmbeddedRuntime, 'control'>;
  readonly models?: ModelChoice;
}

/** What an operator can steer of a run in this process. */
export class EmbeddedControls implements ControlPort {
  private hasEnded = false;
  private readonly thresholds: Thresholds;

  constructor(
    private readonly input: AgentInput,
    private readonly run: ControlledRun,
  ) {
    this.thresholds = new Thresholds(run.config);
  }

  /** The input is at its end: there is nothing left to start or stop. */
  ended(): void {
    this.hasEnded = true;
  }

  missing(name: CapabilityName): string | undefined {
    switch (name) {
      case 'capture-control':
      case 'thresholds':
      case 'models':
      case 'suppressions-everywhere':
        return this.hasEnded ? ENDED : undefined;
      case 'capture-filter':
        return this.run.isLive
          ? undefined
          : 'A file is replayed. Start with --interface NAME to choose what to capture.';
      case 'test-traffic':
        return this.testTrafficMissing();
      default:
        return undefined;
    }
  }

  async apply(control: Control) {
    if ('sensor' in control && control.sensor !== this.run.sensor) {
      throw new RequestError(404, `There is no sensor "${control.sensor}". This run has "${this.run.sensor}".`);
    }
    try {
      return { done: true, message: await this.steer(control) };
    } catch (error) {
      if (error instanceof ControlRefused || error instanceof SourceError) throw new RequestError(409, error.message);
      throw error;
    }
  }

  sensorFacts(sensor: string): SensorFacts | undefined {
    if (sensor !== this.run.sensor) return undefined;
    const interfaces = listInterfaces().map(({ name, isUp, addresses }) => ({ name, isUp, addresses }));
    const { name: source, filter, controls } = this.input;
    const state = this.hasEnded ? 'ended' : controls.isPaused ? 'stopped' : undefined;
    return { interfaces, source, filter, ...(state === undefined ? {} : { state }) };
  }

  settings() {
    return this.thresholds.list();
  }

  models() {
    return this.run.models?.list() ?? [];
  }

  private async steer(control: Control): Promise<string> {
    const { controls } = this.input;
    switch (control.kind) {
      case 'capture-start':
        await controls.resume();
        return 'The capture goes on.';
      case 'capture-stop':
        await controls.pause();
        return 'The capture is paused. What passes meanwhile is not seen.';
      case 'capture-source':
        await controls.retarget({
          ...(control.interface === undefined ? {} : { interfaceName: control.interface }),
          ...(control.filter === undefined ? {} : { filter: control.filter }),
        });
        return `Captures ${this.input.name}${this.input.filter === '' ? '' : ` with "${this.input.filter}"`}.`;
      case 'thresholds':
        return this.change(control);
      case 'suppress':
      case 'unsuppress':
        this.run.functions.control(control);
        return control.kind === 'suppress' ? 'Not told from now on.' : 'Told again from now on.';
      case 'model':
        if (!this.run.models) throw new RequestError(409, 'This run scores with no model.');
        return this.run.models.choose(control.name);
      case 'model-shadow':
      case 'model-alarms':
        throw new RequestError(
          409,
          'In one process this is chosen at the start: weir models shadow, --alarms-per-day.',
        );
    }
  }

  private change(control: Control & { kind: 'thresholds' }): string {
    const changed = this.thresholds.with(control.settings);
    this.run.functions.control(control);
    this.thresholds.use(changed);
    return 'These thresholds hold from now on, until Weir ends. To keep them, write them to a file for --config.';
  }

  private testTrafficMissing(): string | undefined {
    const loopback = listInterfaces().find(({ isLoopback }) => isLoopback)?.name ?? 'lo';
    if (this.run.isLive && this.input.name === loopback) return undefined;
    return `Test traffic goes to this machine only. Watch it with --interface ${loopback}.`;
  }
}
