import { type Broker, listInterfaces, type MessageProducer } from '@weir/capture-agent';
import { type Control, controlKey, Topic } from '@weir/contracts';
import { type ControlPort, RequestError } from '@weir/dashboard-server';
import { DEFAULT_DETECTION_CONFIG, parseDetectionConfig } from '@weir/functions';
import { settingList } from './setting-list.js';

type ControlBody = Parameters<ControlPort['apply']>[0];
type CapabilityName = Parameters<ControlPort['missing']>[0];

/** Hands what an operator asks for on to the sensors and functions of a cluster, through the `controls` topic. */
export class ClusterControls implements ControlPort {
  private producer: MessageProducer | undefined;
  /** What was asked for through this server, on top of the defaults. */
  private settingsGiven: Record<string, unknown> = {};

  constructor(private readonly broker: Broker) {}

  missing(name: CapabilityName): string | undefined {
    if (name !== 'test-traffic') return undefined;
    const loopback = listInterfaces().find(({ isLoopback }) => isLoopback)?.name ?? 'lo';
    return `Test traffic goes to one machine only. There, run weir start --interface ${loopback}.`;
  }

  async apply(control: ControlBody) {
    const settings = control.kind === 'thresholds' ? this.checked(control.settings) : undefined;
    await this.send(control);
    if (settings) this.settingsGiven = settings;
    return { done: false, message: 'Handed on. It takes effect as soon as it is read.' };
  }

  sensorFacts(): undefined {
    return undefined;
  }

  settings() {
    return settingList(parseDetectionConfig(this.settingsGiven));
  }

  async close(): Promise<void> {
    await this.producer?.disconnect();
  }

  /** All settings given so far with these on top. Throws a RequestError for what is no setting. */
  private checked(settings: Record<string, unknown>): Record<string, unknown> {
    const all = merged(this.settingsGiven, settings);
    try {
      parseDetectionConfig(all);
      return all;
    } catch (error) {
      throw new RequestError(422, (error as Error).message);
    }
  }

  private async send(control: Control): Promise<void> {
    const value = Buffer.from(JSON.stringify(control));
    try {
      this.producer ??= await this.connected();
      await this.producer.send([{ topic: Topic.controls, key: controlKey(control), value }]);
    } catch (error) {
      // A producer that failed is of no more use.
      await this.producer?.disconnect().catch(() => undefined);
      this.producer = undefined;
      throw new RequestError(503, `The control could not be sent: ${(error as Error).message}`);
    }
  }

  private async connected(): Promise<MessageProducer> {
    const producer = this.broker.producer();
    await producer.connect();
    return producer;
  }
}

/** Settings by sections; what `change` leaves out stays. Names that would reach beyond the objects are left to the check. */
function merged(base: Record<string, unknown>, change: Record<string, unknown>): Record<string, unknown> {
  const known = new Set(Object.keys(DEFAULT_DETECTION_CONFIG));
  const result = { ...base };
  for (const [name, value] of Object.entries(change)) {
    const before = result[name];
    result[name] = known.has(name) && isSection(before) && isSection(value) ? mergedSection(before, value) : value;
  }
  return result;
}

function mergedSection(base: Record<string, unknown>, change: Record<string, unknown>): Record<string, unknown> {
  const result = { ...base };
  for (const [name, value] of Object.entries(change)) {
    const before = result[name];
    result[name] = isSection(before) && isSection(value) ? { ...before, ...value } : value;
  }
  return result;
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
