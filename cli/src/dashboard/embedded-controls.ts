import { listInterfaces } from '@weir/capture-agent';
import { type ControlPort, RequestError, type SensorFacts } from '@weir/dashboard-server';
import type { DetectionConfig } from '@weir/functions';
import type { AgentInput } from '../agent/agent-input.js';
import { settingList } from './setting-list.js';

type ControlBody = Parameters<ControlPort['apply']>[0];
type CapabilityName = Parameters<ControlPort['missing']>[0];

const FIXED = 'Thresholds are read when Weir starts. Write them to a file and start with --config FILE.';

/** What an operator can steer of a run in this process. */
export class EmbeddedControls implements ControlPort {
  private hasEnded = false;

  constructor(
    private readonly input: AgentInput,
    private readonly run: { readonly isLive: boolean; readonly sensor: string; readonly config: DetectionConfig },
  ) {}

  /** The input is at its end: there is nothing left to start or stop. */
  ended(): void {
    this.hasEnded = true;
  }

  missing(name: CapabilityName): string | undefined {
    switch (name) {
      case 'capture-control':
        return this.hasEnded ? 'The input has ended. Start Weir again to see it once more.' : undefined;
      case 'capture-filter':
        return this.run.isLive
          ? undefined
          : 'A file is replayed. Start with --interface NAME to choose what to capture.';
      case 'thresholds':
        return FIXED;
      case 'test-traffic':
        return this.testTrafficMissing();
      default:
        return undefined;
    }
  }

  async apply(control: ControlBody) {
    if ('sensor' in control && control.sensor !== this.run.sensor) {
      throw new RequestError(404, `There is no sensor "${control.sensor}". This run has "${this.run.sensor}".`);
    }
    try {
      return { done: true, message: await this.steer(control) };
    } catch (error) {
      if (isRefusal(error)) throw new RequestError(409, error.message);
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
    return settingList(this.run.config);
  }

  private async steer(control: ControlBody): Promise<string> {
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
      default:
        throw new RequestError(409, FIXED);
    }
  }

  private testTrafficMissing(): string | undefined {
    const loopback = listInterfaces().find(({ isLoopback }) => isLoopback)?.name ?? 'lo';
    if (this.run.isLive && this.input.name === loopback) return undefined;
    return `Test traffic goes to this machine only. Watch it with --interface ${loopback}.`;
  }
}

/** What a capture says when it cannot do what it is asked, as told from a defect by its name. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && ['ControlRefused', 'SourceError'].includes(error.name);
}
